#pragma once

#include <rapidcheck.h>
#include <string>

// Files without mistakes, of every construct, with blanks, line ends and comments anywhere.
rc::Gen<std::string> any_model();

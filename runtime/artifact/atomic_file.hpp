#pragma once

// Files that are either the old one or the new one, whatever interrupts the writing: a temporary
// file in the same folder, fsync, rename, fsync of the folder.

#include <span>
#include <string>
#include <string_view>

namespace coil {

// Makes `path` hold the pieces, one after another. On failure: RunError (io) with the path and the
// system's reason, the old file as it was, and no temporary left behind.
//   mode      what the umask gives, also where a file is replaced
//   symlink   followed, also where it dangles: the file it points to is replaced, the link stays
//   device    a character device or a pipe (/dev/null, /dev/stdout) is written to directly
//             (a pipe that nobody reads any more raises SIGPIPE, as in any program)
//   folder, socket, block device: refused
// A write past RLIMIT_FSIZE is a failure like a full disk, not a signal. Temporaries that killed
// processes left for the same target are removed; several threads and processes may write one target.
void write_atomically(const std::string& path, std::span<const std::string_view> pieces);
void write_atomically(const std::string& path, std::string_view bytes);

}  // namespace coil

#pragma once

// Files that are either the old one or the new one, whatever interrupts the writing: a temporary
// file in the same folder, fsync, rename, fsync of the folder.

#include <cstdint>
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
//
// With Keep::previous the file that was there stays, under previous_path(path). It is given that name, by a hard
// link, after the new file stands in its place: at every instant one of the two names holds a file that was
// whole when it was written, even where `path` had been damaged since. File systems without hard links keep
// nothing.
enum class Keep : std::uint8_t { nothing, previous };
void write_atomically(const std::string& path, std::span<const std::string_view> pieces,
                      Keep keep = Keep::nothing);
void write_atomically(const std::string& path, std::string_view bytes, Keep keep = Keep::nothing);

// `path`, or where it is a symbolic link the end of its chain, with ".previous".
std::string previous_path(const std::string& path);

}  // namespace coil

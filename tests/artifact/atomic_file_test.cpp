#include "runtime/artifact/atomic_file.hpp"

#include <array>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "tests/artifact/support.hpp"

namespace coil::atomic_file_test {

namespace {

namespace fs = std::filesystem;

mode_t mode_of(const std::string& path) {
  struct stat status = {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// A process that existed a moment ago.
pid_t dead_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  return child;
}

void refuses(const std::string& path, std::string_view part) {
  check_fails(ExitCode::io, part, [&] { write_atomically(path, "new"); });
}

}  // namespace

TEST_CASE("the pieces become the file, and nothing else is left") {
  const TestFolder folder;
  const std::array<std::string_view, 4> pieces = {"one ", "", "two ", "three"};
  write_atomically(folder / "a", pieces);
  CHECK(bytes_of(folder / "a") == "one two three");
  write_atomically(folder / "a", "");
  CHECK(bytes_of(folder / "a").empty());
  CHECK(folder.names() == std::vector<std::string>{"a"});
}

TEST_CASE("the file that was there is kept where that is asked for") {
  const TestFolder folder;
  const std::string path = folder / "a";
  write_atomically(path, "1", Keep::previous);
  CHECK(folder.names() == std::vector<std::string>{"a"});
  write_atomically(path, "2", Keep::previous);
  CHECK(bytes_of(path) == "2");
  CHECK(bytes_of(previous_path(path)) == "1");
  write_atomically(path, "3");
  CHECK(bytes_of(previous_path(path)) == "1");
  write_atomically(path, "4", Keep::previous);
  CHECK(bytes_of(previous_path(path)) == "3");
  CHECK(folder.names().size() == 2);

  fs::create_symlink("a", folder / "link");
  CHECK(previous_path(folder / "link") == previous_path(path));
  write_atomically(folder / "link", "5", Keep::previous);
  CHECK(bytes_of(path) == "5");
  CHECK(bytes_of(previous_path(path)) == "4");
}

TEST_CASE("names that are one file already leave nothing behind") {
  const TestFolder folder;
  const std::string path = folder / "a";
  write_atomically(path, "1");
  fs::create_hard_link(path, previous_path(path));
  write_atomically(path, "2", Keep::previous);
  CHECK(bytes_of(path) == "2");
  CHECK(bytes_of(previous_path(path)) == "1");
  CHECK(folder.names().size() == 2);
}

TEST_CASE("the mode is what the umask gives") {
  const TestFolder folder;
  const mode_t before = umask(027);
  write_atomically(folder / "a", "1");
  CHECK(mode_of(folder / "a") == 0640);
  umask(022);
  write_atomically(folder / "a", "2");
  CHECK(mode_of(folder / "a") == 0644);
  umask(before);
}

TEST_CASE("a file name without a folder is written to the working folder") {
  const TestFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder / "");
  write_atomically("plain", "x");
  fs::current_path(before);
  CHECK(bytes_of(folder / "plain") == "x");
}

TEST_CASE("a very long name is written") {
  const TestFolder folder;
  const std::string name(255, 'n');
  write_atomically(folder / name, "x");
  CHECK(bytes_of(folder / name) == "x");
  refuses(folder / std::string(256, 'n'), "File name too long");
}

TEST_CASE("what a symbolic link points to is replaced, and the link stays") {
  const TestFolder folder;
  fs::create_directory(folder / "sub");
  put(folder / "sub/target", "old");
  fs::create_symlink("sub/target", folder / "link");
  fs::create_symlink("link", folder / "link2");
  write_atomically(folder / "link2", "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(fs::is_symlink(folder / "link2"));
  CHECK(bytes_of(folder / "sub/target") == "new");
}

TEST_CASE("a dangling link makes the file it names") {
  const TestFolder folder;
  fs::create_symlink("later", folder / "link");
  write_atomically(folder / "link", "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(bytes_of(folder / "later") == "new");
}

TEST_CASE("links in a circle are refused") {
  const TestFolder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  refuses(folder / "a", "Too many levels of symbolic links");
}

TEST_CASE("another hard link keeps the old bytes") {
  const TestFolder folder;
  put(folder / "a", "old");
  fs::create_hard_link(folder / "a", folder / "b");
  write_atomically(folder / "a", "new");
  CHECK(bytes_of(folder / "b") == "old");
}

TEST_CASE("devices and pipes are written to directly") {
  write_atomically("/dev/null", "gone");
  CHECK(fs::is_character_file("/dev/null"));
  refuses("/dev/full", "'/dev/full': No space left on device");
  CHECK(fs::is_character_file("/dev/full"));

  const TestFolder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = bytes_of(folder / "pipe"); });
  write_atomically(folder / "pipe", "through");
  reader.join();
  CHECK(read == "through");
  CHECK(fs::is_fifo(folder / "pipe"));
}

TEST_CASE("what cannot be written is refused with the system's reason") {
  const TestFolder folder;
  put(folder / "file", "old");
  fs::create_directory(folder / "sub");
  refuses("", "without a name");
  refuses(folder / "sub", "Is a directory");
  refuses(folder / "none/", "Is a directory");
  refuses(folder / "none/file", "No such file or directory; create its folder first");
  refuses(folder / "file/below", "Not a directory");
  refuses(std::string("a\0b", 3), "Invalid argument");
  CHECK(bytes_of(folder / "file") == "old");
  CHECK(folder.names().size() == 2);
}

TEST_CASE("a socket is refused and stays") {
  const TestFolder folder;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = folder / "socket";
  REQUIRE(path.size() < sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int socket_number = socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(bind(socket_number, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  refuses(path, "Invalid argument");
  CHECK(fs::is_socket(path));
  close(socket_number);
}

TEST_CASE("temporaries of dead processes are swept, and only those, and only of this target") {
  const TestFolder folder;
  const auto temporary = [&folder](std::string_view name, long process) {
    const std::string path = folder / fmt::format(".{}.{}.0.coil-tmp", name, process);
    put(path, "half");
    return path;
  };
  const pid_t dead = dead_process();
  const std::string stale = temporary("a", dead);
  const std::string of_another_target = temporary("b", dead);
  const std::string of_a_living_process = temporary("a", getppid());
  const std::string no_temporary = temporary("a.x", dead);
  put(folder / fmt::format(".a.{}.coil-tmp", dead), "");
  put(folder / fmt::format(".a.{}.0x.coil-tmp", dead), "");
  put(folder / ".a.coil-tmp", "");
  fs::create_directory(folder / fmt::format(".a.{}.1.coil-tmp", dead));

  write_atomically(folder / "a", "new");
  CHECK_FALSE(fs::exists(stale));
  CHECK(fs::exists(of_another_target));
  CHECK(fs::exists(of_a_living_process));
  CHECK(fs::exists(no_temporary));
  CHECK(folder.names().size() == 8);
}

TEST_CASE("several threads may write one file") {
  const TestFolder folder;
  const std::string first(100'000, 'a');
  const std::string second(50'000, 'b');
  const auto write_often = [&](const std::string& bytes) {
    for (int i = 0; i < 20; ++i) write_atomically(folder / "a", bytes);
  };
  std::thread other([&] { write_often(first); });
  write_often(second);
  other.join();
  const std::string bytes = bytes_of(folder / "a");
  CHECK((bytes == first || bytes == second));
  CHECK(folder.names().size() == 1);
}

}  // namespace coil::atomic_file_test

#!/bin/sh
# The driver's own test: on made-up cases and a made-up coilc, it must agree, differ, record and refuse
# where it should. A golden test that cannot fail would be worth nothing.

set -u
golden=$(cd "$(dirname "$0")" && pwd)/golden.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir bin cases
printf '#!/bin/sh\necho "out $*"\necho err >&2\nexit 3\n' >bin/coilc
chmod +x bin/coilc

failures=0
# expects CODE TEXT ARGUMENT...: the driver ends with CODE and says TEXT.
expects() {
  code=$1 text=$2
  shift 2
  said=$(sh "$golden" "$@" 2>&1)
  got=$?
  case $said in
    *"$text"*) [ "$got" -eq "$code" ] && return ;;
  esac
  echo "golden.sh $*: wanted exit $code with '$text', got exit $got with:"
  echo "$said"
  failures=$((failures + 1))
}

echo 'coilc hello' >cases/a.run
expects 1 'there is no' bin cases
expects 0 'updated' --update bin cases
printf 'out hello\nerr\nexit 3\n' | cmp - cases/a.expect || failures=$((failures + 1))
expects 0 '1 cases agree' bin cases
expects 0 '1 cases agree' bin cases/a.run

printf 'out hullo\nerr\nexit 3\n' >cases/a.expect
expects 1 '-out hullo' bin cases
expects 1 '+out hello' bin cases
printf 'out hello\nerr\nexit 0\n' >cases/a.expect
expects 1 '+exit 3' bin cases

echo 'printf "no newline"' >cases/b.run
expects 0 'updated' --update bin cases
printf 'no newline\n(no newline at the end)\nexit 0\n' | cmp - cases/b.expect || failures=$((failures + 1))
expects 0 '2 cases agree' --jobs 1 bin cases

# The shell starts in an empty folder of its own and knows the case's.
echo 'ls -A; [ -f "$CASE/c.run" ] && echo "$(basename "$CASE")"; touch made' >cases/c.run
expects 0 'updated' --update bin cases/c.run
expects 0 'agree' bin cases/c.run
printf 'cases\nexit 0\n' | cmp - cases/c.expect || failures=$((failures + 1))
[ ! -e cases/made ] || failures=$((failures + 1))

echo 'sleep 30' >cases/slow.run
expects 1 'exit 124' --limit 1 bin cases/slow.run
expects 1 'exit 124' --update --limit 1 bin cases/slow.run
[ ! -e cases/slow.expect ] || failures=$((failures + 1))
echo 'kill -SEGV $$' >cases/slow.run
expects 1 'exit 139' --update bin cases/slow.run
echo 'no_such_program_here' >cases/slow.run
expects 1 'exit 127' --update bin cases/slow.run

expects 77 'skipped' "$work/cases"
expects 2 'usage' --unknown
mkdir empty
expects 1 'no case' bin empty

[ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }

#!/bin/sh
# Golden tests of the commands.
#
#   golden.sh [--update] [--jobs N] [--limit SECONDS] PROGRAMS [CASE.run | FOLDER]...
#
# PROGRAMS is the folder of coilc and coil. Without cases, all below this script's folder are run. A case is two files: NAME.run, lines of shell, and NAME.expect, what they
# print, standard output and error together, and then a line `exit N`. The shell runs in an empty
# temporary folder; $CASE is the folder of the case. A case that outlives the limit, dies of a signal or
# finds no program fails, and is never recorded.
#
# --update writes the .expect files anew. Exits 0 where all agree, 1 where not, 77 (skipped) where there
# is no coilc in the folder.

set -u
LC_ALL=C
# Of a build with sanitizers: leaks are looked for where tests/cli runs the help's examples; here that, and keeping the
# stacks of allocations, is half of each of hundreds of starts.
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0:malloc_context_size=0"
export LC_ALL ASAN_OPTIONS
folder=$(cd "$(dirname "$0")" && pwd)

usage() {
  echo "usage: golden.sh [--update] [--jobs N] [--limit SECONDS] PROGRAMS [CASE.run | FOLDER]..." >&2
  exit 2
}

# Makes the last line end, so that `exit N` stands on its own.
end_last_line() {
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then
    printf '\n(no newline at the end)\n' >>"$1"
  fi
}

# Runs one case into the file $2, in the new folder $3; its exit code is the case's.
run_case() {
  mkdir "$3" || exit 1
  (
    CASE=$(cd "${1%/*}" && pwd)
    export CASE
    cd "$3" && exec timeout -k 1 "$GOLDEN_LIMIT" sh "$CASE/${1##*/}"
  ) >"$2" 2>&1 </dev/null
  code=$?
  end_last_line "$2"
  echo "exit $code" >>"$2"
  return "$code"
}

# 124: out of time; 126, 127: no such program; 128 and above: killed by a signal, but for those of
# Ctrl-C and termination, which the commands turn into exit codes of their own.
is_crash() {
  case $1 in
    130 | 143) return 1 ;;
    *) [ "$1" -ge 124 ] ;;
  esac
}

# One case, from start to verdict, in one piece of output: cases run side by side. $2 names a folder and a file to make.
judge() {
  expect=${1%.run}.expect
  actual=$2.txt
  verdict=0
  run_case "$1" "$actual" "$2"
  code=$?
  if is_crash "$code"; then
    verdict=1
    said=$(echo "FAILED $1: exit $code (limit ${GOLDEN_LIMIT} s)" && tail -n 20 "$actual")
  elif [ "$GOLDEN_UPDATE" = yes ]; then
    said=$(cmp -s "$actual" "$expect" || { cp "$actual" "$expect" && echo "updated $expect"; })
  elif [ ! -f "$expect" ]; then
    verdict=1
    said=$(echo "FAILED $1: there is no $expect; --update writes it")
  else
    said=$(diff -u "$expect" "$actual" --label "$expect" --label actual) || verdict=1
  fi
  [ -z "$said" ] || printf '%s\n' "$said"
  return "$verdict"
}

# Several cases, one after the other, in one shell: a process takes as long to start as many a case to run.
judge_all() {
  scratch=$(mktemp -d) || exit 1
  trap 'rm -rf "$scratch"' EXIT
  all=0
  number=0
  for case in "$@"; do
    case $case in */*) ;; *) case=./$case ;; esac
    number=$((number + 1))
    judge "$case" "$scratch/$number" || all=1
  done
  return "$all"
}

jobs=2
GOLDEN_UPDATE=${GOLDEN_UPDATE:-no}
GOLDEN_LIMIT=${GOLDEN_LIMIT:-20}
while [ $# -gt 0 ]; do
  case $1 in
    --judge) shift; judge_all "$@"; exit $? ;;  # how xargs calls this script back
    --update) GOLDEN_UPDATE=yes ;;
    --jobs) [ $# -gt 1 ] || usage; jobs=$2; shift ;;
    --limit) [ $# -gt 1 ] || usage; GOLDEN_LIMIT=$2; shift ;;
    -*) usage ;;
    *) break ;;
  esac
  shift
done
[ $# -gt 0 ] || usage

PATH=$(cd "$1" && pwd):$PATH || usage
shift
export PATH GOLDEN_UPDATE GOLDEN_LIMIT
if ! command -v coilc >/dev/null; then
  echo "skipped: there is no coilc in that folder" >&2
  exit 77
fi

[ $# -gt 0 ] || set -- "$folder"
cases=$(find "$@" -name '*.run' | sort)
[ -n "$cases" ] || { echo "no case in $*" >&2; exit 1; }
count=$(printf '%s\n' "$cases" | wc -l)
if printf '%s\n' "$cases" | xargs -d '\n' -n 5 -P "$jobs" sh "$folder/golden.sh" --judge; then
  echo "$count cases agree"
else
  echo "some of $count cases differ" >&2
  exit 1
fi

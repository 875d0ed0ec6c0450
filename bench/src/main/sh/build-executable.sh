# Sourced by scripts that run the executable: $bench is this module's directory, $top the one above it, $script what messages
# begin with, and the arguments are the script's own. Builds the executable ($executable), unless the arguments name another
# one, and this module with its libraries, where they are missing or older than their sources.
modules=bench
executable=$top/cli/target/featurekv
given=
for argument in "$@"; do
  case $argument in
    --executable | --executable=*) given=yes ;;
  esac
done

is_newer() {
  stamp=$1
  shift
  [ ! -f "$stamp" ] && return 0
  [ -n "$(find "$@" -newer "$stamp" -type f 2>/dev/null | head -n 1)" ]
}
libraries=$bench/target/libraries/.complete
stale=
if is_newer "$libraries" "$top/pom.xml" "$bench/pom.xml" "$top/client/pom.xml" "$top/storage/pom.xml" "$top/client/src/main" \
    "$top/storage/src/main" "$top/raft-meta/src/main" "$top/loader/src/main" "$top/node/src/main" "$bench/src/main"; then
  stale=yes
fi
if [ -z "$given" ] && is_newer "$executable" "$top/pom.xml" "$top"/*/pom.xml "$top/client/src/main" "$top/storage/src/main" \
    "$top/raft-meta/src/main" "$top/loader/src/main" "$top/node/src/main" "$top/cli/src/main"; then
  stale=yes
  modules=cli,bench
fi
if [ -n "$stale" ]; then
  echo "$script: building ..." >&2
  mkdir -p "$bench/target"
  build_log=$bench/target/build.log
  if ! "$top/mvnw" -f "$top/pom.xml" -q -pl "$modules" -am package -Pquick >"$build_log" 2>&1; then
    cat "$build_log" >&2
    echo "$script: the build failed; its output is above" >&2
    exit 1
  fi
  touch "$libraries"
fi

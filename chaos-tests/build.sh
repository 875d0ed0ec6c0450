#!/bin/sh
# What the scripts in this directory share; sourced by them.
# run_chaos CLASS ARGUMENT...: builds when the sources are newer, then runs a class of these tests with the arguments.
tests=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
top=$(dirname "$tests")
script=chaos-tests/$(basename "$0")
. "$top/cli/src/main/sh/find-java.sh"
find_java_25 javac

executable=$top/cli/target/featurekv
libraries=$tests/target/classpath.txt

is_stale() {
  [ ! -x "$executable" ] || [ ! -f "$libraries" ] && return 0
  oldest=$libraries
  [ "$executable" -ot "$libraries" ] && oldest=$executable
  [ -n "$(find "$top/pom.xml" "$top"/*/pom.xml "$top/client/src/main" "$top/storage/src/main" "$top/raft-meta/src/main" \
      "$top/loader/src/main" "$top/node/src/main" "$top/cli/src/main" "$tests/src/test" -newer "$oldest" -type f 2>/dev/null |
      head -n 1)" ]
}

build_when_stale() {
  is_stale || return 0
  echo "$script: building ..." >&2
  mkdir -p "$tests/target"
  build_log=$tests/target/build.log
  if ! "$top/mvnw" -f "$top/pom.xml" -q -pl chaos-tests -am package -DskipTests -Dwarnings.fail=false \
      -Dspotless.check.skip=true -Dmdep.analyze.skip=true >"$build_log" 2>&1; then
    cat "$build_log" >&2
    echo "$script: the build failed; its output is above" >&2
    exit 1
  fi
  # An unchanged one is not written again.
  touch "$libraries"
}

run_chaos() {
  build_when_stale
  main_class=$1
  shift
  exec "$JAVA_HOME/bin/java" -Xmx512m -XX:+UseParallelGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dfeaturekv.executable="$executable" -Dfeaturekv.top="$top" \
    -cp "$tests/target/test-classes:$(cat "$libraries")" "$main_class" --dir "$tests/target" "$@"
}

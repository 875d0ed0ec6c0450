
# Runs the jar that follows this text, in this very file. Short commands start best with the quick compiler only and a small
# heap; what works on data for longer gets the whole virtual machine. FEATUREKV_JAVA_OPTS comes last and so wins.
find_java_25 java
command_name=
skip_value=
memory=${FEATUREKV_MEMORY:-}
for argument in "$@"; do
  if [ -n "$skip_value" ]; then
    [ "$skip_value" = memory ] && memory=$argument
    skip_value=
    continue
  fi
  case $argument in
    --memory) skip_value=memory ;;
    --memory=*) memory=${argument#*=} ;;
    --endpoint|--output|-o|--timeout) skip_value=yes ;;
    -*) ;;
    *)
      case $command_name in
        "") command_name=$argument ;;
        bench|task) command_name="$command_name $argument" ;;
      esac
      ;;
  esac
done

# heap_of_load SIZE prints the option for the heap of a load with this --memory: a quarter of it, but never so little that
# the load could not say what is wrong. Without a size, or with one that is none, a quarter of what a load takes by itself.
heap_of_load() {
  size=${1#"${1%%[![:space:]]*}"}
  number=${size%%[!0-9.]*}
  whole=${number%%.*}
  thousandths=${number#"$whole"}
  thousandths=$(printf %.3s "${thousandths#.}000")
  case $(printf %s "${size#"$number"}" | tr -d '[:space:]iIbB') in
    "") kib=0 max_digits=15 ;;
    k|K) kib=1 max_digits=12 ;;
    m|M) kib=1024 max_digits=9 ;;
    g|G) kib=1048576 max_digits=6 ;;
    t|T) kib=1073741824 max_digits=3 ;;
    *) whole= ;;
  esac
  case $whole$thousandths in
    *[!0-9]*) whole= ;;
  esac
  if [ -z "$whole" ] || [ "${#whole}" -gt "$max_digits" ]; then
    echo "-XX:MaxRAMPercentage=6.25"
    return
  fi
  # A leading digit keeps zeros from meaning octal.
  whole=$((1$whole - 1$(printf "%0${#whole}d" 0)))
  if [ "$kib" -eq 0 ]; then
    heap_kib=$((whole / 4096))
  else
    heap_kib=$(((whole * 1000 + 1$thousandths - 1000) * kib / 4000))
  fi
  [ "$heap_kib" -ge 32768 ] || heap_kib=32768
  echo "-Xmx${heap_kib}k"
}
# What the virtual machine noted of an earlier start, where the build has left that beside this file: it is taken over
# if it fits this file and this Java, and silently left otherwise.
cache=$0.command.aot
case $command_name in
  server) cache=$0.server.aot ;;
  bench*) cache= ;;
esac
[ -r "$cache" ] || cache=
case $command_name in
  server) tuning="-XX:+ExitOnOutOfMemoryError" heap= ;;
  load|"bench load"|"task retry") tuning="-XX:+UseParallelGC" heap=$(heap_of_load "$memory") ;;
  bench*) tuning="-XX:+UseParallelGC" heap="-Xms512m -Xmx1g" ;;
  demo) tuning="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" heap= ;;
  *) tuning="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" heap=-Xmx512m ;;
esac
# A share of the machine's memory has no effect where the size is set.
case ${FEATUREKV_JAVA_OPTS:-} in
  *MaxRAMPercentage*|*MinRAMPercentage*) heap= ;;
esac
tuning="$tuning $heap"
# Whether someone watches: asking the terminal from Java is slow.
[ -t 1 ] && tuning="$tuning -Dfeaturekv.stdout.terminal=true"
[ -t 2 ] && tuning="$tuning -Dfeaturekv.stderr.terminal=true"
# Sources of others, and whatever else is to be found besides this file, whose path must not have a ':' then.
if [ -n "${FEATUREKV_CLASSPATH:-}" ]; then
  set -- -cp "$0:$FEATUREKV_CLASSPATH" io.featurekv.cli.Main "$@"
else
  set -- -jar "$0" "$@"
fi
# Word splitting of the options is meant; the arguments stay as they are.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" @jvm.flags@ ${cache:+"-XX:AOTCache=$cache" -Xlog:aot=off -Xlog:cds=off} $tuning ${FEATUREKV_JAVA_OPTS:-} "$@"
exit 78

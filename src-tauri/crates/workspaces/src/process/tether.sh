# Reads `+ GROUP` and `- GROUP` until Groundwork ends, however it ends, and then kills every process group still held and,
# where /proc tells, every process that carries this session's mark ($1) in its environment.
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
    case $sign in
    +) groups="$groups$group " ;;
    -) groups="${groups%% $group *} ${groups#* $group }" ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
round=0
while [ $round -lt 100 ]; do
    found=$(grep -ls -- "$1" /proc/[0-9]*/environ)
    [ "$found" ] || break
    for place in $found; do
        place=${place#/proc/}
        kill -s KILL "${place%/environ}"
    done
    sleep 0.02
    round=$((round + 1))
done

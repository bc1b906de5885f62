# Tries a package ($1, a .deb or an .rpm) in a copy of this system that only this script sees: installs it, asks the program
# and opens the window, takes it off. What it says on its last line is what the caller waits for.

system=$(mktemp --directory)
mount -t tmpfs tmpfs "$system"
mkdir "$system/upper" "$system/work" "$system/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$system/upper,workdir=$system/work" "$system/root"
for folder in proc dev sys; do mount --rbind "/$folder" "$system/root/$folder"; done
mount -t tmpfs tmpfs "$system/root/tmp"
cp "$1" "$system/root/tmp/package"

chroot "$system/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp/home GROUNDWORK_PORT=0 \
    sh -eu -s -- "${1##*.}" <<'INSIDE'
cd /tmp
mkdir home
case "$1" in
deb)
    mv package package.deb
    dpkg --install package.deb
    dpkg --listfiles groundwork > files
    ;;
rpm)
    # What it requires has Fedora's names, and the libraries here came with dpkg.
    rpm --install --nodeps package
    rpm --query --list groundwork > files
    ;;
esac
desktop=$(grep '/applications/.*[.]desktop$' files)
grep -q '^MimeType=.*x-scheme-handler/groundwork' "$desktop"
grep -q '^Exec=groundwork-window %[uU]$' "$desktop"

groundwork --version
# It may find fault with the machine it is on.
groundwork doctor || test $? = 1
groundwork model chat "Count from one to five." --max-tokens 12 --seed 1 > answer
test -s answer

# Whatever goes wrong, the window goes, and with it its display: this script's caller waits for all that can still speak.
trap 'kill "$(cat pid)" 2> /dev/null || true' EXIT
RUST_LOG=start=info xvfb-run --auto-servernum dbus-run-session -- sh -c \
    'groundwork-window 2> log & echo $! > pid; wait $!; echo $? > ended' &
tries=0
until grep -q usable_at log 2> /dev/null; do
    tries=$((tries + 1))
    if test $tries = 120; then cat log; echo 'the window did not open'; exit 1; fi
    sleep 0.5
done
kill "$(cat pid)"
wait
test "$(cat ended)" = 0
echo '  it answers, its window opens, and ends well when it is told to'

case "$1" in
deb) dpkg --purge groundwork ;;
rpm) rpm --erase groundwork ;;
esac
while read -r file; do
    if test -f "$file"; then echo "$file was left behind"; exit 1; fi
done < files
echo '  nothing is left'
INSIDE

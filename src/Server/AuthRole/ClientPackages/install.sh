#!/bin/sh
# Installs the backup client of Halley on Linux from @SERVER@ and signs this machine in:
#   curl -fsS @SERVER@/downloads/install.sh | sudo sh -s -- USER [OPTION OF halley login]...
set -eu
server=@SERVER@
user=${1:-}
[ $# -eq 0 ] || shift

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || fail 'The client runs as a service and needs root: curl … | sudo sh -s -- USER'
case $(uname -s)-$(uname -m) in
    Linux-x86_64) runtime=linux-x64 ;;
    Linux-aarch64) runtime=linux-arm64 ;;
    *) fail "There is no package for $(uname -s) on $(uname -m) here. See $server/downloads/packages.json." ;;
esac

fetch() {
    curl -fsS --retry 3 -o "$2" "$server/downloads/$1" || fail "$server/downloads/$1 cannot be downloaded."
}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
fetch packages.json "$directory/packages.json"
# One package a line, as build-packages.sh writes them.
line=
if command -v dpkg >/dev/null; then
    line=$(grep -F '"client"' "$directory/packages.json" | grep -F "\"$runtime\"" | grep -F '.deb"' | head -n 1)
fi
[ -n "$line" ] || line=$(grep -F '"client"' "$directory/packages.json" | grep -F "\"$runtime\"" | grep -F '.tar.gz"' | head -n 1)
[ -n "$line" ] || fail "The server offers no client for $runtime."
name=$(printf '%s' "$line" | sed -n 's/.*"name": "\([A-Za-z0-9._-]*\)".*/\1/p')
sha256=$(printf '%s' "$line" | sed -n 's/.*"sha256": "\([0-9a-f]*\)".*/\1/p')
fetch "$name" "$directory/$name"
printf '%s  %s\n' "$sha256" "$directory/$name" | sha256sum -c - >/dev/null || fail "$name is damaged: its SHA-256 is not $sha256."

case $name in
    *.deb) dpkg -i "$directory/$name" ;;
    *)
        mkdir -p /usr/local/lib/halley-client
        tar -xzf "$directory/$name" -C /usr/local/lib/halley-client --strip-components=1
        ln -sf /usr/local/lib/halley-client/halley /usr/local/bin/halley
        if [ -d /run/systemd/system ]; then
            sed 's:^ExecStart=[^ ]*:ExecStart=/usr/local/lib/halley-client/halley:' /usr/local/lib/halley-client/halley-agent.service \
                >/etc/systemd/system/halley-agent.service
            systemctl daemon-reload
        fi
        ;;
esac
halley version

if [ -z "$user" ]; then
    printf 'Installed. Sign in with: halley login %s/ USER\n' "$server"
    exit 0
fi
# The script itself comes through standard input, so the password is asked for on the terminal.
halley login "$server/" "$user" "$@" </dev/tty
if [ -d /run/systemd/system ]; then
    systemctl enable --now halley-agent
fi

#!/usr/bin/env bash
# Builds what users install: archives and Debian packages of the client and the server, for each runtime, with a signed list of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'TXT'
deploy/build-packages.sh [--output DIR] [--runtime RID]... [--only client|server] [--sign-key FILE] [--no-native]

  --output DIR      where the packages go; default: ./packages
  --runtime RID     linux-x64, linux-arm64, osx-x64, osx-arm64, win-x64, win-arm64; default: the runtime of this machine
  --only NAME       only the client, or only the server
  --sign-key FILE   private key (PEM, P-256) that signs the list; the client packages get its public key, which `halley update` trusts.
                    Make one with: openssl ecparam -name prime256v1 -genkey -noout -out FILE
  --no-native       do not compile the client ahead of time: needed for other systems and processors than this machine's

The list is packages.json. A server gives it and the packages to its devices when its setting Packages:Directory names the directory.
Set SOURCE_DATE_EPOCH to build the same archives again.
TXT
}

output=packages
runtimes=()
components=(client server)
sign_key=
native=true
while [ $# -gt 0 ]; do
    case $1 in
        --output) output=${2:?--output needs a directory}; shift ;;
        --runtime) runtimes+=("${2:?--runtime needs a runtime identifier}"); shift ;;
        --only) components=("${2:?--only needs client or server}"); shift ;;
        --sign-key) sign_key=$(realpath "${2:?--sign-key needs a file}"); shift ;;
        --no-native) native=false ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

host=linux-$(uname -m | sed -e 's/x86_64/x64/' -e 's/aarch64/arm64/')
[ ${#runtimes[@]} -gt 0 ] || runtimes=("$host")
version=$(sed -nE 's:.*<Version>(.*)</Version>.*:\1:p' Directory.Build.props)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
mkdir -p "$output"
output=$(realpath "$output")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

publish() {
    dotnet publish "$1" -c Release -r "$2" -o "$3" --nologo -v quiet "${@:4}"
    rm -f "$3"/*.pdb "$3"/*.dbg "$3"/*.xml
}

publish_client() {
    if [ "$1" = "$host" ] && $native; then
        publish src/Cli "$1" "$2"
    else
        publish src/Cli "$1" "$2" --self-contained -p:PublishAot=false -p:PublishSingleFile=true -p:PublishTrimmed=true
    fi
    [ -z "$sign_key" ] || openssl ec -in "$sign_key" -pubout -out "$2/update-key.pem" 2>/dev/null
}

publish_server() {
    publish src/Server "$1" "$2" --self-contained -p:CompileAhead=false -p:PublishReadyToRun="$([ "$1" = "$host" ] && echo true || echo false)"
}

# Files that belong beside the program on Linux: units, manual page, completions.
add_linux_files() {
    local root=$2 program=/usr/lib/halley-$1
    install -d "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/usr/share/doc/halley-$1"
    install -m 644 LICENSE "$root/usr/share/doc/halley-$1/copyright"
    if [ "$1" = client ]; then
        ln -s ../lib/halley-client/halley "$root/usr/bin/halley"
        install -D -m 644 deploy/completions/halley.bash "$root/usr/share/bash-completion/completions/halley"
        install -D -m 644 deploy/completions/_halley "$root/usr/share/zsh/vendor-completions/_halley"
        install -D -m 644 deploy/completions/halley.fish "$root/usr/share/fish/vendor_completions.d/halley.fish"
        install -d "$root/usr/share/man/man1"
        gzip -9 -n <deploy/man/halley.1 >"$root/usr/share/man/man1/halley.1.gz"
        sed "s:^ExecStart=[^ ]*:ExecStart=$program/halley:" deploy/systemd/halley-agent.service \
            >"$root/usr/lib/systemd/system/halley-agent.service"
    else
        ln -s ../lib/halley-server/Halley.Server "$root/usr/bin/halley-server"
        sed "s:^ExecStart=.*:ExecStart=$program/Halley.Server:" deploy/systemd/halley.service >"$root/usr/lib/systemd/system/halley.service"
    fi
}

make_archive() {
    local name=$1 runtime=$2 program=$3 top=halley-$1-$version-$2
    mv "$program" "$work/$top"
    case $runtime in
        win-*) (cd "$work" && python3 -m zipfile -c "$output/$top.zip" "$top") ;;
        *)
            case $runtime in
                osx-*) [ "$name" = server ] || cp deploy/launchd/halley-agent.plist "$work/$top/" ;;
                *) cp "deploy/systemd/$([ "$name" = client ] && echo halley-agent || echo halley).service" "$work/$top/" ;;
            esac
            cp LICENSE "$work/$top/"
            tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$work" -c "$top" | gzip -9 -n >"$output/$top.tar.gz"
            ;;
    esac
    rm -rf "${work:?}/$top"
}

make_deb() {
    local name=$1 runtime=$2 program=$3 root=$work/deb architecture
    architecture=$(sed -e 's/linux-x64/amd64/' -e 's/linux-arm64/arm64/' <<<"$runtime")
    install -d "$root/usr/lib" "$root/DEBIAN"
    cp -r "$program" "$root/usr/lib/halley-$name"
    add_linux_files "$name" "$root"
    sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
        -e "s/@SIZE@/$(du -sk "$root/usr" | cut -f1)/" "deploy/packages/$name.control" >"$root/DEBIAN/control"
    for script in postinst prerm postrm; do
        [ ! -f "deploy/packages/$name.$script" ] || install -m 755 "deploy/packages/$name.$script" "$root/DEBIAN/$script"
    done
    chmod -R u=rwX,go=rX "$root"
    SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group --build "$root" "$output/halley-${name}_${version}_$architecture.deb" >/dev/null
    rm -rf "$root"
}

write_list() {
    local file name rest
    cd "$output"
    {
        printf '{\n  "version": "%s",\n  "made": "%s",\n  "files": [' "$version" "$(date -u -d "@$epoch" +%FT%TZ)"
        local comma=
        for file in halley-client* halley-server*; do
            [ -f "$file" ] || continue
            name=$(sed -E 's/halley-(client|server).*/\1/' <<<"$file")
            rest=$(sed -E -e 's/_amd64\.deb$/-linux-x64/' -e 's/_arm64\.deb$/-linux-arm64/' -e 's/\.(tar\.gz|zip)$//' <<<"$file")
            printf '%s\n    { "name": "%s", "component": "%s", "runtime": "%s", "size": %d, "sha256": "%s" }' "$comma" "$file" "$name" \
                "$(grep -oE '(linux|osx|win)-[a-z0-9]+$' <<<"$rest")" "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d' ' -f1)"
            comma=,
        done
        printf '\n  ]\n}\n'
    } >packages.json
    rm -f packages.json.sig
    [ -z "$sign_key" ] || openssl dgst -sha256 -sign "$sign_key" -out packages.json.sig packages.json
}

for runtime in "${runtimes[@]}"; do
    for component in "${components[@]}"; do
        printf 'Building the %s for %s\n' "$component" "$runtime"
        "publish_$component" "$runtime" "$work/program"
        case $runtime in linux-*) make_deb "$component" "$runtime" "$work/program" ;; esac
        make_archive "$component" "$runtime" "$work/program"
    done
done
write_list
printf 'In %s:\n' "$output"
ls -1 "$output"

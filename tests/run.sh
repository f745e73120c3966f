#!/usr/bin/env bash
# Restores, builds and runs every test, on a machine that has the .NET SDK and apt. The build judges the style as well.
# The last line printed is `N passed, N failed`; the exit code is 0 only when something passed and nothing failed.
set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
exec </dev/null

usage() {
    cat <<'TXT'
tests/run.sh [--slow] [--project NAME] [--filter EXPRESSION] [--help]

  --slow                also the slow part (100 kills instead of a handful, …): sets HALLEY_SLOW_TESTS=1
  --project NAME        only test projects whose name contains NAME, for example EndToEnd
  --filter EXPRESSION   only tests that match, as in `dotnet test --filter`, for example FullyQualifiedName~Kill
  --help                this text

Missing Debian packages are installed when run as root; otherwise the line that installs them is printed and the run fails.
TXT
}

configuration=Release
results=TestResults
filter=
part='Part!=Slow'
only=
hang_timeout=10m
passed=0
failed=0

finish() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

# Says why and counts as one failure, so that the last line is there whatever happens.
give_up() {
    printf '\n%s\n' "$1"
    failed=$((failed + 1))
    finish
}

step() {
    printf '\n== %s\n' "$1"
}

while [ $# -gt 0 ]; do
    case $1 in
        --slow) export HALLEY_SLOW_TESTS=1; part=; hang_timeout=60m ;;
        --filter) filter=${2:?--filter needs an expression}; shift ;;
        --project) only=${2:?--project needs a name}; shift ;;
        --help | -h) usage; exit 0 ;;
        *) usage; give_up "Unknown option: $1" ;;
    esac
    shift
done

has() {
    PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null
}

install_missing_packages() {
    local missing=()
    has restic || missing+=(restic)
    has nginx || missing+=(nginx-light)
    has rsync || missing+=(rsync)
    has haproxy || missing+=(haproxy)
    has redis-server || missing+=(redis-server)
    has npm || missing+=(npm)
    has tinyproxy || missing+=(tinyproxy-bin)
    has microsocks || missing+=(microsocks)
    has chromium-headless-shell || missing+=(chromium-headless-shell)
    has mkfs.ext4 || missing+=(e2fsprogs)
    has pgrep || missing+=(procps)
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
    [ ${#missing[@]} -eq 0 ] && return

    if [ "$(id -u)" -ne 0 ]; then
        give_up "Missing programs. Install them with: sudo apt-get install -y --no-install-recommends ${missing[*]}"
    fi
    step "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$results/apt.log" 2>&1; then
        tail -n 20 "$results/apt.log"
        give_up "apt could not install them: apt-get install -y --no-install-recommends ${missing[*]}"
    fi
}

# The counters of a results file as "passed total".
counters() {
    grep -o '<Counters [^>]*' "$1" | head -n 1 | sed -E 's/.* total="([0-9]+)".* passed="([0-9]+)".*/\2 \1/'
}

# Where a project's tests put their files. Thousands of flushes to a disk, one after the other, prove no more than a few, so most tests work
# in memory. Those of EndToEnd, where servers are killed and volumes full, use the disk, as an operator's server does.
temporary_directory_of() {
    if [ "$1" = EndToEnd.Tests ] || [ -z "$memory" ]; then
        printf '%s\n' "${TMPDIR:-/tmp}"
    else
        printf '%s\n' "$memory"
    fi
}

# Makes a directory in memory where there is room for it; without one every test uses the disk.
make_memory_directory() {
    local free
    free=$(df --output=avail -BM /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9)
    [ "${free:-0}" -ge 2048 ] || return
    memory=$(mktemp -d /dev/shm/halley-tests-XXXXXX)
    # PostgreSQL runs as another user and has its files there, too.
    chmod 755 "$memory"
    trap 'rm -rf "$memory"' EXIT
}

# Runs a project's tests and leaves "passed failed" in a file, so that several can run at the same time.
run_project() {
    local name file selection exit_code=0 good=0 all=0
    selection=$part${part:+${filter:+&}}${filter:+($filter)}
    name=$(basename "$1" .csproj)
    file="$results/$name.trx"
    TMPDIR=$(temporary_directory_of "$name") dotnet test "$1" -c "$configuration" --no-build --nologo --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger 'console;verbosity=minimal' \
        --blame-hang-timeout "$hang_timeout" --blame-hang-dump-type none \
        ${selection:+--filter "$selection"} >"$results/$name.log" 2>&1 || exit_code=$?
    [ -f "$file" ] && read -r good all < <(counters "$file")

    # A test that was not run counts as failed, a host that died counts as one more, and so does a project without tests.
    local bad=$((all - good))
    if [ "$bad" -eq 0 ] && [ "$exit_code" -ne 0 ]; then
        printf '%s: the test run ended with %d though no test failed\n' "$name" "$exit_code" >>"$results/$name.log"
        bad=1
    elif [ "$all" -eq 0 ] && [ -z "$filter" ]; then
        printf '%s: no test ran\n' "$name" >>"$results/$name.log"
        bad=1
    fi
    printf '%d %d\n' "$good" "$bad" >"$results/$name.count"
}

# Runs the tests of projects one after the other.
run_lane() {
    local name started
    for name in "$@"; do
        started=$SECONDS
        run_project "tests/$name/$name.csproj"
        printf '%d\n' $((SECONDS - started)) >"$results/$name.seconds"
    done
}

# Runs lanes at the same time, each a list of names of projects, and then shows what each project printed.
run_lanes() {
    local lane name good bad names=() runs=()
    for lane in "$@"; do
        names+=($(printf '%s\n' $lane | grep -F -- "$only"))
        run_lane $(printf '%s\n' $lane | grep -F -- "$only") &
        runs+=($!)
    done
    step "Testing ${names[*]}"
    wait "${runs[@]}"
    for name in ${names[@]+"${names[@]}"}; do
        cat "$results/$name.log"
        read -r good bad <"$results/$name.count"
        passed=$((passed + good))
        failed=$((failed + bad))
        printf '%s: %d passed, %d failed\n' "$name" "$good" "$bad"
    done
}

# Seconds that the processors of this machine have worked since it started, for this run and for whatever else ran.
processor_seconds() {
    local user nice system idle wait irq softirq _
    read -r _ user nice system idle wait irq softirq _ </proc/stat
    printf '%d\n' $(((user + nice + system + irq + softirq) / $(getconf CLK_TCK)))
}

# A line of the budget table: name, seconds, and the seconds it may take on two quiet cores.
budget() {
    printf '%-18s %6d s of %4d s%s\n' "$1" "$2" "$3" "$([ "$2" -gt "$3" ] && echo '   OVER ITS BUDGET')"
}

# Durations of all tests as "hours:minutes:seconds project test", which sort as text.
durations() {
    local file
    for file in "$results"/*.trx; do
        sed -nE 's/.*<UnitTestResult .*testName="([^"]*)".* duration="([^"]*)".*/\2 \1/p' "$file" |
            sed -e "s/ / $(basename "$file" .trx) /" -e 's/&quot;/"/g' -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&amp;/\&/g'
    done
}

report() {
    local name
    step 'The slowest twenty tests'
    durations | sort -r | head -n 20 | cut -c 1-160
    step 'Budgets'
    budget 'Restore and build' "$build_seconds" 120
    for name in "$results"/*.seconds; do
        name=$(basename "$name" .seconds)
        budget "$name" "$(cat "$results/$name.seconds")" "${budgets[$name]:-120}"
    done
    budget 'All' $((SECONDS - started)) 720
    printf '%-18s %6d s\n\n' 'Processor time' $(($(processor_seconds) - started_at_processor_seconds))
}

# The projects run in three lanes beside each other, which keep two cores busy; the longest lane determines how long the run takes. The build
# and one lane have 720 seconds together. In processor time, a server process costs about 2 seconds until it is ready, a command `halley` half
# a second and a server in the process of the tests 0.15 seconds: share servers.
declare -A budgets=([Server.Tests]=600 [EndToEnd.Tests]=600 [Storage.Tests]=110 [Client.Tests]=270 [Cli.Tests]=220)

has dotnet || give_up 'The .NET SDK is missing; global.json says which one is needed: https://dotnet.microsoft.com/download'
started=$SECONDS
started_at_processor_seconds=$(processor_seconds)
rm -rf "$results"
mkdir -p "$results"
install_missing_packages

# Nothing of the build outlives it: its servers would keep the output open, and keep memory and processors from the tests. One compiler server
# serves all projects, which otherwise would each load the analyzers again; it has a name of its own and ends with the build.
compiler=halley-tests-$$
# A compiler that measures its own code in order to make it faster, as it does by default, takes almost twice the time for one build.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_TieredPGO=0

step 'Restoring'
if ! dotnet restore --locked-mode; then
    [ "${CI:-}" = true ] && give_up 'Restore failed: after a change of packages run `dotnet restore` and commit the lock files'
    # The SDK adds one package of its own version to the server (the script of the pages), so another patch of it differs from the lock files.
    printf 'The lock files are of another SDK; restoring without them.\n'
    dotnet restore --force-evaluate || give_up 'Restore failed'
fi
step 'Building'
dotnet build --no-restore -c "$configuration" --nologo -v minimal \
    -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" >"$results/build.log" 2>&1
built=$?
pgrep -f -- "-pipename:$compiler" | xargs -r kill
cat "$results/build.log"
[ "$built" -eq 0 ] || give_up 'The build failed (warnings are errors)'
build_seconds=$((SECONDS - started))

# Hundreds of servers live for a few seconds each. Code that is compiled once more for a long life costs them more than it gives.
export DOTNET_TC_CallCountThreshold=0x2710 DOTNET_EnableWriteXorExecute=0 DOTNET_gcConcurrent=0
memory=
make_memory_directory
run_lanes Server.Tests EndToEnd.Tests "$(basename -a tests/*.Tests | grep -vxE '(Server|EndToEnd)\.Tests' | sort -r)"
[ $((passed + failed)) -eq 0 ] || report
finish

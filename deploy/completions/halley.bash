# bash completion for halley; written by `halley completion bash`
_halley() {
    local current=${COMP_WORDS[COMP_CWORD]} verb= words= word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$verb $word" in
            " init") verb="init" ;;
            " backup") verb="backup" ;;
            " snapshots") verb="snapshots" ;;
            " ls") verb="ls" ;;
            " find") verb="find" ;;
            " diff") verb="diff" ;;
            " restore") verb="restore" ;;
            " dump") verb="dump" ;;
            " stats") verb="stats" ;;
            " tag") verb="tag" ;;
            " forget") verb="forget" ;;
            " prune") verb="prune" ;;
            " copy") verb="copy" ;;
            " check") verb="check" ;;
            " repair") verb="repair" ;;
            " reindex") verb="reindex" ;;
            " unlock") verb="unlock" ;;
            " key") verb="key" ;;
            "key list") verb="key list" ;;
            "key add") verb="key add" ;;
            "key remove") verb="key remove" ;;
            "key passwd") verb="key passwd" ;;
            "key export") verb="key export" ;;
            " cache") verb="cache" ;;
            " login") verb="login" ;;
            " logout") verb="logout" ;;
            " status") verb="status" ;;
            " password") verb="password" ;;
            " vault") verb="vault" ;;
            "vault list") verb="vault list" ;;
            "vault list-providers") verb="vault list-providers" ;;
            "vault request") verb="vault request" ;;
            "vault add") verb="vault add" ;;
            "vault rotate-key") verb="vault rotate-key" ;;
            "vault move") verb="vault move" ;;
            "vault split") verb="vault split" ;;
            "vault remove") verb="vault remove" ;;
            " agent") verb="agent" ;;
            " jobs") verb="jobs" ;;
            " log") verb="log" ;;
            " import") verb="import" ;;
            "import list") verb="import list" ;;
            "import preview") verb="import preview" ;;
            "import apply") verb="import apply" ;;
            " update") verb="update" ;;
            " version") verb="version" ;;
            " completion") verb="completion" ;;
        esac
    done
    case $verb in
        "") words="init backup snapshots ls find diff restore dump stats tag forget prune copy check repair reindex unlock key cache login logout status password vault agent jobs log import update version completion -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "init") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "backup") words="-e --exclude --iexclude --exclude-file --iexclude-file --exclude-caches --exclude-if-present --exclude-larger-than -x --one-file-system --files-from --files-from-verbatim --files-from-raw --stdin --stdin-filename --stdin-from-command --tag -H --host --time --parent -f --force --ignore-inode --ignore-ctime -n --dry-run --skip-if-unchanged --no-scan --read-concurrency -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "snapshots") words="--latest -g --group-by -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "ls") words="-l --long --recursive --human-readable -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "find") words="-s --snapshot -i --ignore-case -l --long -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "diff") words="--metadata -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "restore") words="-t --target --overwrite --delete -n --dry-run --verify -i --include --iinclude -e --exclude --iexclude -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "dump") words="-a --archive -i --include --iinclude -e --exclude --iexclude -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "stats") words="--mode -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "tag") words="--add --remove --set -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "forget") words="-g --group-by -n --dry-run --prune --unsafe-allow-remove-all -l --keep-last -H --keep-hourly -d --keep-daily -w --keep-weekly -m --keep-monthly -y --keep-yearly --keep-within --keep-within-hourly --keep-within-daily --keep-within-weekly --keep-within-monthly --keep-within-yearly --keep-tag --max-unused --max-repack-size --repack-cacheable-only --repack-small --repack-uncompressed -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "prune") words="-n --dry-run --max-unused --max-repack-size --repack-cacheable-only --repack-small --repack-uncompressed -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "copy") words="--from-repo --from-password-file --from-password-command -H --host --tag --path -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "check") words="--read-data --read-data-subset --on-server -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "repair") words="-n --dry-run --heal --aside --no-read-data --drop-snapshots -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "reindex") words="-n --dry-run --read-all-packs -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "unlock") words="--remove-all -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "key") words="list add remove passwd export -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "key list") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "key add") words="--new-password-file -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "key remove") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "key passwd") words="--new-password-file -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "key export") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "cache") words="--cleanup --max-age -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "login") words="--ask --code --name --new-device --plain-http --new-password-file -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "logout") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "status") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "password") words="--new-password-file -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault") words="list list-providers request add rotate-key move split remove -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault list") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault list-providers") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault request") words="--name -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault add") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault rotate-key") words="--encryption --overlap -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault move") words="--to --provider -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault split") words="--to --provider -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "vault remove") words="--yes -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "agent") words="--hide-file-names -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "jobs") words="--latest -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "log") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "import") words="list preview apply --preview -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "import list") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "import preview") words="--vault -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "import apply") words="--vault -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "update") words="--server --check -h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "version") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
        "completion") words="-h --help -r --repo --repository-file -p --password-file --password-command --key-hint --cache-dir --no-cache --no-lock --retry-lock --limit-upload --limit-download --compression --pack-size --no-extra-verify --json -q --quiet -v --verbose" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _halley halley

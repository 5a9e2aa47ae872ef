#!/usr/bin/env bash
# Deploys startlist to a server, or to this machine: package, upload, install, start, verify. Goes back by itself when
# the new release does not prove itself. docs/operations.md tells the whole story.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# What a server gets, beside the dashboard that is built from web; tests and benches stay at home.
RELEASE=(bin src deploy docs package.json package-lock.json README.md CHANGELOG.md LICENSE SECURITY.md)

HOST='' LOGIN='' SSH_PORT='' SSH_CONFIG='' TARGET=/opt/startlist RUN_AS=startlist PORT=8080
SETTINGS=$HERE/deploy/deploy.conf
local_install=no dry_run=no action=install

usage() {
  cat <<'HELP'
Usage: ./deploy_haku_integration.sh --host HOST [options]
       ./deploy_haku_integration.sh --local [options]

Packages the commit that is checked out, uploads it, installs it beside the running release, migrates the database,
switches over, starts, and verifies. A release that fails to prove itself is taken back.

  --host HOST        the server, by ssh
  --user USER        who logs in there: root, or one who may sudo without a password
  --ssh-port PORT    when it is not the usual one
  --ssh-config FILE  instead of ~/.ssh/config
  --local            this machine instead of a server
  --path DIR         where releases live (/opt/startlist)
  --run-as USER      whom the service runs as; made when missing (startlist)
  --port PORT        of the service's own HTTP, on its loopback (8080)
  --settings FILE    HOST=, USER=, SSH_PORT=, SSH_CONFIG=, TARGET=, RUN_AS=, PORT= a line each (deploy/deploy.conf)
  --dry-run          say what would be done; change nothing
  --rollback         go back to the release before, without packaging anything
  --help

Secrets are never arguments. DATABASE_URL and STARTLIST_KEY are files of the server, root's alone, in
/etc/startlist/credentials; without them the embedded PostgreSQL is used.
Exit codes: 0 done, 1 failed (the release before runs on), 2 wrong usage.
HELP
}

say() { printf '%s\n' "$*"; }
step() { printf '\n[%s] %s\n' "$1" "$2"; }
# fail MESSAGE [WHAT TO DO [EXIT CODE]]
fail() {
  printf 'deploy: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '        %s\n' "$2" >&2
  exit "${3:-1}"
}

read_settings() {
  [ -e "$1" ] || return 0
  local line name value
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '' | '#'*) continue ;; esac
    name=${line%%=*} value=${line#*=}
    case $name in
      HOST) HOST=$value ;;
      USER) LOGIN=$value ;;
      SSH_PORT) SSH_PORT=$value ;;
      SSH_CONFIG) SSH_CONFIG=$value ;;
      TARGET) TARGET=$value ;;
      RUN_AS) RUN_AS=$value ;;
      PORT) PORT=$value ;;
      *) fail "$1 has an unknown setting: $name" 'Known are HOST, USER, SSH_PORT, SSH_CONFIG, TARGET, RUN_AS and PORT.' 2 ;;
    esac
  done <"$1"
}

# The settings file first, wherever it is named, so that options win.
args=("$@")
for ((i = 0; i < ${#args[@]}; i++)); do
  [ "${args[i]}" != --settings ] || SETTINGS=${args[i + 1]:-}
done
[ -e "$SETTINGS" ] || [ "$SETTINGS" = "$HERE/deploy/deploy.conf" ] || fail "there is no file $SETTINGS" '' 2
read_settings "$SETTINGS"

while [ $# -gt 0 ]; do
  case $1 in
    --host | --user | --ssh-port | --ssh-config | --path | --run-as | --port | --settings)
      [ $# -ge 2 ] || fail "$1 needs a value" 'See --help.' 2 ;;
  esac
  case $1 in
    --host) HOST=$2; shift ;;
    --user) LOGIN=$2; shift ;;
    --ssh-port) SSH_PORT=$2; shift ;;
    --ssh-config) SSH_CONFIG=$2; shift ;;
    --path) TARGET=$2; shift ;;
    --run-as) RUN_AS=$2; shift ;;
    --port) PORT=$2; shift ;;
    --settings) shift ;;
    --local) local_install=yes ;;
    --dry-run) dry_run=yes ;;
    --rollback) action=rollback ;;
    --help | -h) usage; exit 0 ;;
    *) fail "unknown option $1" 'See --help.' 2 ;;
  esac
  shift
done

# They become part of commands on the server.
[[ $TARGET =~ ^/[A-Za-z0-9._/-]+$ ]] || fail "--path is an absolute path of letters, digits and . _ - /, not \"$TARGET\"" '' 2
[[ $RUN_AS =~ ^[a-z_][a-z0-9_-]*$ ]] || fail "--run-as is a user name, not \"$RUN_AS\"" '' 2
[[ $PORT =~ ^[0-9]{1,5}$ ]] || fail "--port is a number, not \"$PORT\"" '' 2
[[ -z $SSH_PORT || $SSH_PORT =~ ^[0-9]{1,5}$ ]] || fail "--ssh-port is a number, not \"$SSH_PORT\"" '' 2
if [ "$local_install" = no ]; then
  [ -n "$HOST" ] || fail 'no host is given' 'Give --host HOST, or --local for this machine.' 2
  [[ $HOST != -* && $LOGIN != -* ]] || fail "a host or user does not begin with a dash" '' 2
fi

work=$(mktemp -d)
trap 'close_connection; rm -rf "$work"' EXIT

# One connection for all commands, and no question asked.
ssh_options=(-o BatchMode=yes -o ConnectTimeout=10 -o ControlMaster=auto -o "ControlPath=$work/ssh" -o ControlPersist=60)
[ -z "$SSH_PORT" ] || ssh_options+=(-p "$SSH_PORT")
[ -z "$SSH_CONFIG" ] || ssh_options+=(-F "$SSH_CONFIG")

destination() { printf '%s' "${LOGIN:+$LOGIN@}$HOST"; }

# on_host WORD... : runs a command there, standard input passed on; words are quoted for the far shell.
on_host() {
  if [ "$local_install" = yes ]; then
    "$@"
    return
  fi
  # shellcheck disable=SC2029 # quoted by printf %q, to be split there
  ssh "${ssh_options[@]}" "$(destination)" "$(printf '%q ' "$@")"
}

close_connection() {
  [ -S "$work/ssh" ] || return 0
  ssh -o "ControlPath=$work/ssh" -O exit "$(destination)" 2>/dev/null || true
}

as_root=()
connect() {
  local id
  id=$(on_host id -u) || fail "cannot reach $(destination)" 'Try: ssh '"$(destination)"' true'
  if [ "$id" != 0 ] && [ "$local_install" = no ]; then
    on_host sudo -n true 2>/dev/null || fail "$(destination) may not sudo without a password" 'Log in as root, or allow sudo for it.'
    as_root=(sudo -n)
  fi
}

# host_script WORD... : the far half of this script, read from standard input so that nothing need be there yet.
host_script() {
  on_host ${as_root[@]+"${as_root[@]}"} bash -s -- "$@" <"$HERE/deploy/on-host.sh"
}

package() {
  git -C "$HERE" rev-parse --git-dir >/dev/null 2>&1 || fail "$HERE is no git clone" 'Deploy from a clone: a release is a commit.'
  [ -z "$(git -C "$HERE" status --porcelain -- "${RELEASE[@]}" web)" ] ||
    fail 'there are changes that are not committed' 'Commit them first: what runs must be found again.'
  version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$HERE/package.json")-$(git -C "$HERE" rev-parse --short=12 HEAD)
  archive=startlist-$version.tar.gz
  build_dashboard "$work/dashboard"
  git -C "$HERE" archive --format=tar --prefix="$version/" "${built[@]}" --prefix="$version/" HEAD -- "${RELEASE[@]}" | gzip -n >"$work/$archive"
  (cd "$work" && sha256 "$archive" >"$archive.sha256")
  (cd "$HERE" && npm sbom --sbom-format cyclonedx --omit dev --package-lock-only >"$work/startlist-$version.cdx.json")
  say "  release $version, $(du -h "$work/$archive" | cut -f1), sha256 $(cut -c1-16 "$work/$archive.sha256")..."
}

# build_dashboard DIR : builds there, and lists the files in built, for git archive. A server has no tools to build with.
built=()
build_dashboard() {
  local file place
  # Not npm ci where the tools are there already: it would take node_modules away from who works here.
  [ -e "$HERE/node_modules/vite" ] || (cd "$HERE" && npm ci --no-audit --no-fund --loglevel=error) >&2 ||
    fail 'the tools that build the dashboard could not be installed' 'See above: is the registry reachable?'
  (cd "$HERE" && npm run --silent build -- "$1") >&2 || fail 'the dashboard could not be built' 'See above, and: npm run build'
  while IFS= read -r file; do
    place=$version/web/dist/${file#"$1/"}
    built+=("--prefix=${place%/*}/" "--add-file=$file")
  done < <(find "$1" -type f | LC_ALL=C sort)
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi
}

upload() {
  local file
  on_host ${as_root[@]+"${as_root[@]}"} mkdir -p "$TARGET/incoming"
  for file in "$archive" "$archive.sha256" "startlist-$version.cdx.json"; do
    # Under another name until it is whole: half an upload is never taken for a release.
    on_host ${as_root[@]+"${as_root[@]}"} sh -c "cat >'$TARGET/incoming/$file.part' && mv '$TARGET/incoming/$file.part' '$TARGET/incoming/$file'" <"$work/$file" ||
      fail "the upload of $file failed" 'Is the disk of the host full? The running release is untouched.'
  done
}

where='this machine'
[ "$local_install" = yes ] || where=$(destination)
if [ "$action" = rollback ]; then
  if [ "$dry_run" = yes ]; then
    connect
    host_script plan-rollback "$TARGET" "$RUN_AS" "$PORT"
    exit 0
  fi
  step 1/1 "Go back to the release before, on $where"
  connect
  host_script rollback "$TARGET" "$RUN_AS" "$PORT"
  exit 0
fi

step 1/5 'Package'
package
if [ "$dry_run" = yes ]; then
  step - "What would be done on $where"
  connect
  host_script plan "$TARGET" "$RUN_AS" "$PORT" "$version"
  exit 0
fi
step 2/5 "Upload to $where"
connect
host_script ready "$TARGET" "$RUN_AS" "$PORT" "$version"
upload
host_script install "$TARGET" "$RUN_AS" "$PORT" "$version"

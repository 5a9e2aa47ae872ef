#!/usr/bin/env bash
# The half of deploy_haku_integration.sh that runs on the server, as root: COMMAND TARGET RUN_AS PORT [VERSION].
# DESTDIR, as with make, is put before /etc and /var; nobody's user is made or taken then.
set -euo pipefail

command=$1 target=$2 run_as=$3 port=$4 version=${5:-}
etc=${DESTDIR:-}/etc var=${DESTDIR:-}/var
units=$etc/systemd/system
state=$var/lib/startlist
releases=$target/releases
release=$releases/$version
# Runtime, PostgreSQL and libraries of one release, and as much again for the database's own needs.
NEEDED_KB=1500000
OLDEST_NODE=20
KEPT_RELEASES=5
PATIENCE_S=120

say() { printf '  %s\n' "$*"; }
step() { printf '\n[%s] %s\n' "$1" "$2"; }
fail() {
  printf 'deploy: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '        %s\n' "$2" >&2
  exit 1
}

# Name of the release that a link points to; empty for none.
linked() { [ ! -L "$target/$1" ] || basename "$(readlink "$target/$1")"; }

# Puts a link in place at once: whoever opens it finds the old release or the new one.
link() {
  ln -sfn "releases/$2" "$target/$1.new"
  mv -Tf "$target/$1.new" "$target/$1"
}

is_root() { [ -z "${DESTDIR:-}" ] && [ "$(id -u)" = 0 ]; }

# One deploy at a time; the lock goes with the process, however it ends.
lock() {
  mkdir -p "$target"
  exec 9>"$target/.deploy.lock"
  flock -n 9 || fail 'another deploy is under way on this host' 'Wait for it to end; nothing was changed by this one.'
}

check_host() {
  command -v npm >/dev/null || fail 'npm is not installed on this host' 'Install Node 20 or later with npm; startlist brings its own Node for running.'
  local node
  node=$(node --version 2>/dev/null | sed 's/^v//; s/\..*//')
  [ "${node:-0}" -ge "$OLDEST_NODE" ] || fail "npm runs on Node ${node:-none} here; it needs $OLDEST_NODE or later to install a release" 'Update Node on the host. The running release is untouched.'
  command -v systemctl >/dev/null || fail 'there is no systemd on this host' 'See docs/operations.md for a container, or run bin/startlist run under your own supervisor.'
  local at=$target free
  while [ ! -d "$at" ]; do at=$(dirname "$at"); done
  free=$(df -Pk "$at" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$NEEDED_KB" ] || fail "only $((free / 1024)) MB are free at $at; a release needs $((NEEDED_KB / 1024))" "Remove old releases below $releases, or make room. The running release is untouched."
}

# A unit file as this release wants it.
unit_text() { sed -e "s#@PATH@#$target#g; s#@USER@#$run_as#g; s#@PORT@#$port#g" "$release/deploy/systemd/$1"; }

# What was installed last is kept beside the releases, so that an edit by hand is noticed and never overwritten.
check_units() {
  local unit
  for unit in startlist.service startlist-worker@.service; do
    [ -e "$units/$unit" ] || continue
    cmp -s "$units/$unit" "$target/units/$unit" ||
      fail "$units/$unit was edited by hand" "Move the change to $units/$unit.d/override.conf, then: cp $target/units/$unit $units/$unit"
  done
}

install_units() {
  local unit changed=no
  mkdir -p "$units" "$target/units"
  for unit in startlist.service startlist-worker@.service; do
    unit_text "$unit" >"$target/units/$unit.new"
    cmp -s "$target/units/$unit.new" "$units/$unit" || { cp "$target/units/$unit.new" "$units/$unit" && changed=yes; }
    mv "$target/units/$unit.new" "$target/units/$unit"
  done
  [ "$changed" = no ] || { systemctl daemon-reload && say 'units installed'; }
  systemctl enable startlist.service >/dev/null 2>&1 || fail 'systemctl enable startlist.service failed'
}

make_user() {
  is_root || { mkdir -p "$state" "$etc/startlist/credentials" && return 0; }
  id "$run_as" >/dev/null 2>&1 || useradd --system --home-dir "$state" --shell /usr/sbin/nologin "$run_as"
  install -d -m 0700 -o "$run_as" -g "$(id -gn "$run_as")" "$state"
  install -d -m 0700 "$etc/startlist/credentials"
}

# as_service WORD... : runs startlist as the unit does, with the same settings, credentials and user.
as_service() {
  local credentials file code=0
  credentials=$(mktemp -d)
  for file in "$etc"/startlist/credentials/*; do
    [ -f "$file" ] && install -m 0400 "$file" "$credentials/startlist_$(basename "$file")"
  done
  local settings=()
  [ ! -e "$etc/startlist/startlist.env" ] || mapfile -t settings < <(grep -E '^[A-Z_]+=' "$etc/startlist/startlist.env")
  local run=(env -i "PATH=$PATH" "STARTLIST_HOME=$state" "CREDENTIALS_DIRECTORY=$credentials" "${settings[@]}" "$@")
  if is_root; then
    chown -R "$run_as" "$credentials"
    run=(setpriv "--reuid=$run_as" "--regid=$(id -g "$run_as")" --init-groups -- "${run[@]}")
  fi
  (cd / && "${run[@]}") || code=$?
  rm -rf "$credentials"
  return "$code"
}

unpack() {
  [ ! -e "$release/.whole" ] || { say "release $version is there already" && return 0; }
  local archive=startlist-$version.tar.gz
  (cd "$target/incoming" && sha256sum --status -c "$archive.sha256") || fail 'the upload is damaged: its checksum differs' 'Deploy again. The running release is untouched.'
  rm -rf "$release"
  mkdir -p "$releases"
  tar -xzf "$target/incoming/$archive" -C "$releases"
  cp "$target/incoming/startlist-$version.cdx.json" "$release/sbom.cdx.json"
  (cd "$release" && npm ci --omit=dev --no-audit --no-fund --loglevel=error) || {
    rm -rf "$release"
    fail 'the dependencies could not be installed' 'See above: no registry, or no room? The running release is untouched.'
  }
  chmod -R go=u-w "$release"
  touch "$release/.whole"
  rm -f "$target/incoming/"*"$version"*
  say 'dependencies installed'
}

migrate() {
  local startlist=$release/bin/startlist
  as_service "$startlist" migrate --plan || fail 'the database is not ready for this release' 'See above. The running release and the database are untouched.'
  as_service "$startlist" migrate || fail 'the database could not be migrated' 'See above. The running release is untouched.'
}

# ask PATH : the service's answer over HTTP; fails unless it is a 200.
ask() {
  "$target/current/node_modules/.bin/node" -e '
    fetch(process.argv[1], { signal: AbortSignal.timeout(5_000) })
      .then(async (answer) => { process.stdout.write(await answer.text()); process.exit(answer.ok ? 0 : 1) })
      .catch(() => process.exit(1))' "http://127.0.0.1:$port$1"
}

port_is_taken() {
  "$release/node_modules/.bin/node" -e '
    require("node:net").connect(process.argv[1], "127.0.0.1")
      .on("connect", () => process.exit(0)).on("error", () => process.exit(1))' "$port"
}

# until_true SECONDS COMMAND...
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    systemctl is-failed --quiet startlist.service && return 1
    sleep 1
  done
}

# A turn has ended since the service began, or there is no account that could take one.
took_turn() {
  local metrics
  metrics=$(ask /metrics) || return 1
  grep -Eq '^startlist_last_turn_timestamp_seconds [1-9]' <<<"$metrics" || ! grep -q '^startlist_quota_limit_calls{' <<<"$metrics"
}

# Prints why when something is wrong, and returns 1.
verify() {
  local startlist=$target/current/bin/startlist
  until_true "$PATIENCE_S" ask /readyz || { say "/readyz does not answer well: $(ask /readyz || true)" && return 1; }
  say '/readyz answers well'
  as_service "$startlist" doctor || { say 'doctor found a problem' && return 1; }
  as_service "$startlist" credentials test --all || case $? in
    # A partner's refused secret is that partner's; the release is none the worse for it.
    3) say 'some credentials are refused: see above' ;;
    *) say 'credentials test failed' && return 1 ;;
  esac
  until_true "$PATIENCE_S" took_turn || { say 'no turn was taken' && return 1; }
  say 'a first turn is done'
  as_service "$startlist" status || true
}

start() { systemctl restart startlist.service; }

# back REASON : the release before runs again.
back() {
  local before=$1 bad
  bad=$(linked current)
  if [ -z "$before" ]; then
    systemctl stop startlist.service || true
    rm -f "$target/current"
    fail "release $bad did not prove itself, and there is none before it" 'Nothing runs. See above, and: journalctl -u startlist'
  fi
  link current "$before"
  version=$before release=$releases/$before
  install_units
  start || true
  if until_true "$PATIENCE_S" ask /readyz; then
    fail "release $bad did not prove itself: $before runs again" 'See above, and: journalctl -u startlist'
  fi
  fail "release $bad did not prove itself, and $before does not start either" 'See: journalctl -u startlist'
}

remove_old() {
  local name
  # Newest first; the two in use are never removed.
  # shellcheck disable=SC2012 # names of ours: a version and a commit
  for name in $(cd "$releases" && ls -1t | tail -n +$((KEPT_RELEASES + 1))); do
    [ "$name" = "$(linked current)" ] || [ "$name" = "$(linked previous)" ] || rm -rf "${releases:?}/$name"
  done
}

case $command in
  plan)
    check_host
    check_units
    say "release now: $(linked current | grep . || echo none)"
    say "would install $version into $release, run migrate --plan and migrate, switch $target/current, install or"
    say "update $units/startlist.service and startlist-worker@.service, restart, and verify on port $port"
    ;;
  plan-rollback)
    say "release now: $(linked current | grep . || echo none); before it: $(linked previous | grep . || echo none)"
    ;;
  ready)
    lock
    check_host
    check_units
    ;;
  install)
    lock
    step 3/5 'Install beside the running release'
    before=$(linked current)
    make_user
    unpack
    check_units
    # A port that another program has would make the new release fail after the old one was stopped.
    [ -n "$before" ] || ! port_is_taken || fail "port $port is taken by another program" 'Give another with --port.'
    migrate
    if [ "$before" = "$version" ] && systemctl is-active --quiet startlist.service && cmp -s <(unit_text startlist.service) "$units/startlist.service"; then
      say "release $version runs already: nothing to change"
      step 5/5 Verify
      verify || fail "release $version runs, and something is wrong with it" 'See above.'
      exit 0
    fi
    link current "$version"
    install_units
    step 4/5 'Start'
    start || back "$before"
    step 5/5 'Verify'
    verify || back "$before"
    # Only now: a release that was taken back must not displace the one to go back to.
    [ -z "$before" ] || [ "$before" = "$version" ] || link previous "$before"
    remove_old
    printf '\nstartlist %s runs.\n' "$version"
    ;;
  rollback)
    lock
    version=$(linked previous)
    [ -n "$version" ] || fail 'there is no release to go back to'
    release=$releases/$version
    bad=$(linked current)
    link current "$version"
    link previous "$bad"
    install_units
    start || fail "release $version does not start" 'See: journalctl -u startlist'
    verify || fail "release $version runs, and something is wrong with it" 'See above.'
    printf '\nstartlist %s runs again; %s is kept.\n' "$version" "$bad"
    ;;
  *) fail "unknown command $command" ;;
esac

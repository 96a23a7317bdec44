# Sourced by deploy/quickstart, deploy/Dockerfile, tests/run and .ci/run: the Debian packages that each needs.
# shellcheck shell=bash disable=SC2034

# npm trusts whom the system trusts, as apt and git do; by itself it has a list of its own.
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}

almanac_build_packages=(
  build-essential cmake ninja-build ccache mold pkg-config ca-certificates
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev
  libpqxx-dev libpq-dev libcli11-dev libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev libsimdjson-dev
  libssl-dev libicu-dev libopencc-dev libstemmer-dev libutf8proc-dev libical-dev libpoppler-cpp-dev poppler-data libcsv-dev
  libexpat1-dev libzip-dev tzdata)

# What `almanacd serve --embedded` runs.
almanac_database_packages=(postgresql-15)

almanac_test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev grpc-proto procps
  libxml2-dev python3-icalendar
  nodejs npm)

almanac_lint_packages=(git clang-format clang-tidy kubernetes-client)

# What the programs need without a compiler.
almanac_runtime_packages=(
  libgrpc++1.51 libprotobuf32 libabsl20220623 libpqxx-6.4 libpq5 libspdlog1.10 libyaml-cpp0.7
  libsimdjson14 libssl3 libicu72 libopencc1.1 libstemmer0d libutf8proc2 libical3 libpoppler-cpp0v5 poppler-data libcsv3
  libexpat1 libzip4 tzdata ca-certificates)

# Whether a package is there, by dpkg or, for programs that people install in other ways, by its command.
almanac_has_package() {
  case $1 in
    nodejs) command -v node >/dev/null && return ;;
    npm) command -v npm >/dev/null && return ;;
    kubernetes-client) command -v kubectl >/dev/null && return ;;
  esac
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# almanac_install PACKAGE...: installs those that are missing, as root or by sudo.
almanac_install() {
  local missing=() package as_root=()
  for package in "$@"; do
    almanac_has_package "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    echo "These Debian packages, or your system's counterparts, are needed: ${missing[*]}" >&2
    return 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Packages are missing and this user can install none. As root, run:" >&2
      echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    # Else installing it makes and starts a cluster that nobody asked for.
    if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
      "${as_root[@]}" mkdir -p /etc/postgresql-common
      echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update >/dev/null || echo "apt-get update failed; going on with the package lists that are there" >&2
  "${apt[@]}" -o Dpkg::Options::=--force-confold install --no-install-recommends "${missing[@]}" >/dev/null || {
    echo "These packages could not be installed: ${missing[*]}" >&2
    return 1
  }
}

#!/usr/bin/env bash
# Runs relent's check on this machine and writes report.json and report.md to the folder given, or $OUT, or here.
#   bash check.sh [FOLDER] [--tensorflow FOLDER] [--only NAME,...] [--patience N]
# It needs Linux on x86-64, bash, and tar with xz or python3. It changes nothing outside a temporary folder and FOLDER.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${OUT:-$PWD}
if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then out=$1; shift; fi
work=$(mktemp -d "${TMPDIR:-/tmp}/gpu-check-XXXXXX")
trap 'rm -rf "$work"' EXIT

if command -v xz >/dev/null; then tar -xJf "$here/payload.tar.xz" -C "$work"
else python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1], "r:xz").extractall(sys.argv[2])' "$here/payload.tar.xz" "$work"
fi || { echo "the payload can't be unpacked: tar with xz, or python3 with lzma, is needed"; exit 1; }

# Only what the machine lacks, and after what it has.
have=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null)
mkdir -p "$work/missing"
for library in "$work"/lib/*; do
  case $have in *"$(basename "$library") "*) ;; *) cp "$library" "$work/missing/" ;; esac
done
paths=${LD_LIBRARY_PATH:-}
for folder in /usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/local/cuda/lib64 "$work/missing"; do
  [ -d "$folder" ] && paths=${paths:+$paths:}$folder
done
export LD_LIBRARY_PATH=$paths

# A driver that Vulkan's loader wouldn't find by itself.
if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then
  for driver in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json /usr/local/nvidia/vulkan/icd.d/nvidia_icd.json; do
    if [ -f "$driver" ] && ! ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json >/dev/null 2>&1; then
      export VK_DRIVER_FILES=$driver VK_ICD_FILENAMES=$driver
    fi
  done
fi
export HOME=${HOME:-$work} XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work} NO_COLOR=1
export PATH="$work:$PATH" RELENT_CACHE="$work/cache" TMPDIR="$work" VK_LOADER_DEBUG=${VK_LOADER_DEBUG:-error}

mkdir -p "$out"
"$work/node" --disable-warning=ExperimentalWarning "$work/tree/tools/gpu-check/src/check.ts" --out "$out" "$@"
code=$?
echo "the report is $out/report.md"
exit $code

#!/usr/bin/env bash
# Apptainer of Debian sid, the only suite that has it, unpacked below $SITE_DIR; its two programs are pointed at a copy of the C
# library that they were built for, since bookworm's is older. Images as a file (.sif) and as a directory.
# shellcheck source=site/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=site/images.sh
. "$(dirname "${BASH_SOURCE[0]}")/../images.sh"

need patchelf squashfs-tools squashfuse uidmap
"$(dirname "${BASH_SOURCE[0]}")/user.sh"
home=$SITE_DIR/apptainer

unpack() {
    local packages package program loader
    say "unpacking Apptainer"
    rm -rf "$home.new"
    mkdir -p "$home.new/lib"
    packages=$(fetch sid apptainer)
    for package in "$packages"/archives/*.deb; do
        case $(basename "$package") in
            apptainer_*) dpkg-deb -x "$package" "$home.new" ;;
            libc6_* | libseccomp2_* | libsqlite3-0_* | zlib1g_*) dpkg-deb -x "$package" "$packages/libraries" ;;
        esac
    done
    cp -a "$packages"/libraries/usr/lib/*-linux-gnu/*.so* "$home.new/lib/"
    rm -rf "$packages"
    loader=$(basename "$home.new"/lib/ld-linux-*)
    for program in "$home.new/usr/bin/apptainer" "$home.new"/usr/lib/*/apptainer/bin/starter; do
        patchelf --set-interpreter "$home/lib/$loader" --force-rpath --set-rpath "$home/lib" "$program"
    done
    # Apptainer finds its files from where it lies, the starter from one directory below: both below what they take for /usr
    mv "$home.new/etc" "$home.new/var" "$home.new/usr/"
    ln -s ../bin ../etc ../var "$home.new/usr/lib/"
    ln -s . "$home.new/usr/lib/lib"
    # it gives root in a container every capability, which a root that lacks one (here CAP_SYS_RESOURCE) cannot
    if ! (((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> 24) & 1)); then
        sed -i 's/^root default capabilities = .*/root default capabilities = no/' "$home.new/usr/etc/apptainer/apptainer.conf"
    fi
    mv "$home.new" "$home" # last: what has the name is whole
}
[ -d "$home" ] || unpack
for name in apptainer singularity; do ln -sfn "$home/usr/bin/apptainer" "$SITE_DIR/bin/$name"; done
[ ! -c /dev/fuse ] || chmod 666 /dev/fuse # as udev would: ordinary users mount .sif files by it

for name in busybox python3.11 python3.13; do
    tree "$name"
    image=$SITE_DIR/images/$name.sif
    if [ ! -e "$image" ]; then
        say "making the image $name.sif"
        # in a user namespace root has every capability, as above; first beside, since an interrupted build leaves half an image
        (cd / && unshare -r nice -n 10 "$home/usr/bin/apptainer" -s build --force "$image.new" "$SITE_DIR/images/$name")
        mv "$image.new" "$image"
    fi
done

"$SITE_DIR/bin/apptainer" -s exec --no-home "$SITE_DIR/images/busybox.sif" true
tell SITE_APPTAINER="$SITE_DIR/images"
say "ready: $("$SITE_DIR/bin/apptainer" --version)"

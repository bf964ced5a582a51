# shellcheck shell=bash
# The trees that images are made of, of Debian's packages alone. Sourced by the services that run images.
#
# busybox      a shell and nothing else, 2 MB
# python3.11   bash, coreutils and Debian bookworm's Python
# python3.13   the same of Debian trixie

# tree NAME: make $SITE_DIR/images/NAME if it is not there
tree() {
    local name=$1 root=$SITE_DIR/images/$1
    [ ! -d "$root" ] || return 0
    say "making the image $name"
    rm -rf "$root.new"
    mkdir -p "$root.new"
    case $name in
        busybox) busybox_in "$root.new" ;;
        python3.11) python_in "$root.new" bookworm ;;
        python3.13) python_in "$root.new" trixie ;;
    esac
    finish "$root.new"
    mv "$root.new" "$root" # last: what has the name is whole
}

busybox_in() {
    need busybox-static
    mkdir -p "$1/bin"
    cp /bin/busybox "$1/bin/"
    "$1/bin/busybox" --list | grep -vx busybox | xargs -I{} ln -s busybox "$1/bin/{}"
}

python_in() {
    local root=$1 packages package directory
    mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
    for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$root/$directory"; done
    packages=$(fetch "$2" base-files bash coreutils dash findutils grep python3 sed tar)
    for package in "$packages"/archives/*.deb; do
        case $(basename "$package") in # what only the installation of packages needs
            ca-certificates_* | debconf_* | dpkg_* | media-types_* | openssl_* | perl* | tzdata_*) ;;
            *) dpkg-deb --fsys-tarfile "$package" | tar -C "$root" -x --keep-directory-symlink ;;
        esac
    done
    rm -rf "$packages" "$root"/usr/share/{doc,locale,man}
    [ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"
}

# what every image has to have: mount points, and files that Apptainer mounts over
finish() {
    local root=$1
    mkdir -p "$root"/{dev,etc,home,proc,root,sys,tmp,var/tmp,work}
    chmod 1777 "$root/tmp" "$root/var/tmp"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
    touch "$root"/etc/{hosts,localtime,resolv.conf}
    chown -R 0:0 "$root"   # the only ids that there are where an image is built in a user namespace
    chmod -R a+rX "$root" # for ordinary users, who run the tree itself
}

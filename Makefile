# A thin face over meson. The two commands are `make run` and `make check`; see README.md.
BUILD ?= build
CHECK ?= build-check
ARGS ?=
SHELL = /bin/sh

BUILD_PACKAGES = gcc meson ninja-build pkg-config libncurses-dev libvirt-dev libcgroup-dev \
	libxml2-dev libglib2.0-dev libjson-glib-dev
CHECK_PACKAGES = $(BUILD_PACKAGES) clang clang-format libclang-rt-dev libcriterion-dev python3 python3-pyte \
	mandoc jq strace libvirt-daemon libvirt-daemon-system libvirt-daemon-driver-lxc \
	libvirt-daemon-driver-qemu libvirt-daemon-driver-xen libvirt-clients qemu-system-x86 \
	busybox-static cpio openssh-server openssh-client iproute2 openssl \
	golang-go golang-github-vmware-govmomi-dev golang-github-google-uuid-dev python3-pyvmomi

# Installs what is missing by name, removes nothing; other systems are told the names. libcurl's
# -gnutls-dev and -openssl-dev exclude each other: whichever is there is taken.
define install
	missing=""; \
	if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then \
	    for p in $(1); do \
	        dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	    done; \
	    dpkg-query -W -f='$${Status}\n' 'libcurl4-*-dev' 2>/dev/null | grep -q 'ok installed' || \
	        missing="$$missing libcurl4-gnutls-dev"; \
	    if [ -n "$$missing" ]; then \
	        sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	        echo "Installing:$$missing"; \
	        $$sudo apt-get -o DPkg::Lock::Timeout=600 update -qq && \
	        $$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq \
	            --no-remove --no-install-recommends $$missing >/dev/null || \
	        { echo "Could not install:$$missing" >&2; exit 1; }; \
	    fi; \
	else \
	    echo "Not a Debian system. Needed, by Debian's names: $(1) libcurl4-gnutls-dev"; \
	fi
endef

.PHONY: run check soak build packages check-packages format clean

run: build
	@tests/run-local.sh $(BUILD)/ui/virt-memtune $(ARGS)

build: packages
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) -Dtests=disabled >/dev/null
	@ninja -C $(BUILD) >$(BUILD)/build.log || { cat $(BUILD)/build.log; exit 1; }

packages:
	@$(call install,$(BUILD_PACKAGES))

check: check-packages
	@tests/check.sh $(CHECK)

check-packages:
	@$(call install,$(CHECK_PACKAGES))

# Long, and with real domains: needs root. Every end of a guarded change at random moments, RUNS times.
RUNS ?= 100
soak: check-packages
	@[ -f $(CHECK)-release/build.ninja ] || \
	    meson setup $(CHECK)-release -Dtests=enabled -Dlab=true --buildtype=release >/dev/null
	@ninja -C $(CHECK)-release >$(CHECK)-release/build.log || { cat $(CHECK)-release/build.log; exit 1; }
	@CI=true VIRT_MEMTUNE_SOAK=$(RUNS) VIRT_MEMTUNE_ENDS="$(ENDS)" tests/lab/libvirt/lab.py --build $(CHECK)-release guard.py

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf $(BUILD) $(CHECK) $(CHECK)-tsan $(CHECK)-clang $(CHECK)-release

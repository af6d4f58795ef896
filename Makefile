# gosupplicant: the commands of the README. Everything runs as root on a Debian
# machine with Go installed; `make deps` installs what else is needed.

PREFIX  ?= /usr
DESTDIR ?=
SBIN     = $(DESTDIR)$(PREFIX)/sbin
BIN      = $(DESTDIR)$(PREFIX)/bin

GO      ?= go
export CGO_ENABLED = 0
LDFLAGS  = -s -w
# The heap is a few MiB: a collector that keeps its marks with the objects touches
# twice the pages there, and is no faster.
EXPERIMENT = $(if $(filter go1.26%,$(shell $(GO) env GOVERSION)),GOEXPERIMENT=nogreenteagc)
PROGRAMS = wpa_supplicant wpa_cli wpa_passphrase
VM_TIMEOUT ?= 25m
FUZZTIME ?= 30s
ROUNDS ?= 3

.PHONY: all build build-testoptions check lint unit oracle parity campaign testoptions wired vm test demo bench fuzz install deps clean

all: build

build:
	@mkdir -p build
	$(EXPERIMENT) $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o build/ $(PROGRAMS:%=./cmd/%)

# With the commands for test programs (hostile cases from outside).
build-testoptions:
	$(GO) build -tags testoptions -trimpath -ldflags '$(LDFLAGS)' -o build/testoptions/ $(PROGRAMS:%=./cmd/%)

# The quick tiers: format, vet, unit tests with the race detector (vectors,
# golden files, the simulated air in virtual time, a private dbus-daemon).
check: lint unit

lint:
	@bad=$$(gofmt -l cmd conf dbus drivers engine introspection packaging); \
	if [ -n "$$bad" ]; then echo "not gofmt-ed:"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags oracle ./...
	$(GO) vet -tags parity ./...
	$(GO) vet -tags wired ./...
	$(GO) vet -tags testoptions ./...
	$(GO) vet -tags vm ./...

unit:
	CGO_ENABLED=1 .ci/gotest -race -timeout 5m ./...

# Tests against Debian's programs on this machine: the packages that have some.
oracle:
	STRICT=1 .ci/gotest -tags oracle -count=1 -timeout 10m \
		$$(grep -rl '^//go:build oracle' --include='*_test.go' . | xargs -n 1 dirname | sort -u)

# What Debian's wpa_supplicant answered to some 900 questions, and we to the same.
parity:
	STRICT=1 .ci/gotest -tags parity -count=1 -timeout 5m ./cmd/wpa_supplicant/vmtest/parity

# Ten thousand scenarios of random faults on the simulated air.
campaign:
	CAMPAIGN=10000 .ci/gotest -count=1 -timeout 10m -run Campaign ./engine

# The commands for test programs, which the shipped binary has not.
testoptions:
	.ci/gotest -tags testoptions -count=1 -timeout 5m ./engine/ctrl ./engine ./engine/rsn ./drivers/internal/packet

# 802.1X on cables between network namespaces, against Debian's hostapd and
# FreeRADIUS. What Debian's hostapd cannot do (TEAP) is skipped, and said so.
wired:
	.ci/gotest -tags wired -count=1 -timeout 10m \
		$$(grep -rl '^//go:build wired' --include='*_test.go' . | xargs -n 1 dirname | sort -u)

# Virtual machines with simulated radios: single packages first, then the whole daemon.
vm: build
	.ci/vmtests
	PROGRESS='^machine: ' .ci/gotest -p 1 -tags vm -count=1 -timeout $(VM_TIMEOUT) ./cmd/wpa_supplicant/vmtest/...

test: deps lint build unit campaign testoptions oracle parity wired vm
	@echo "make test: every tier passed"

demo: deps build
	$(GO) run ./cmd/wpa_supplicant/demo -bin build $(if $(ONCE),-once)

# Ours beside Debian's: front ends and 802.1X on this machine; connecting, with iwd
# as well, in the virtual one. Both as installed: what the linker has just written
# lies in memory page by page, which costs a start a tenth of its processor time.
INSTALLED = build/installed
bench: deps build
	$(MAKE) -s install DESTDIR=$(CURDIR)/$(INSTALLED)
	$(GO) run ./cmd/wpa_supplicant/bench -bin $(INSTALLED)/$(PREFIX)/sbin
	$(GO) run ./cmd/wpa_supplicant/bench/eap -ours $(INSTALLED)/$(PREFIX)/sbin/wpa_supplicant -rounds $(ROUNDS)
	$(GO) build -o build/bench-connect ./cmd/wpa_supplicant/bench/connect
	$(GO) run ./cmd/wpa_supplicant/vmtest/vmrun -radios 3 -timeout 75m -share $(CURDIR)/build -dir /tmp -- sh -ec \
		'cp /mnt/share/bench-connect /mnt/share/wpa_supplicant .; exec ./bench-connect -ours ./wpa_supplicant -rounds $(ROUNDS)'

# Every fuzz target for FUZZTIME of one processor each.
fuzz:
	.ci/fuzz $(FUZZTIME)

deps:
	.ci/deps

install: build
	install -d $(SBIN) $(BIN)
	install -m 0755 build/wpa_supplicant build/wpa_cli $(SBIN)
	install -m 0755 build/wpa_passphrase $(BIN)
	install -d $(DESTDIR)$(PREFIX)/share/dbus-1/system.d $(DESTDIR)$(PREFIX)/share/dbus-1/system-services
	install -m 0644 packaging/fi.w1.wpa_supplicant1.conf $(DESTDIR)$(PREFIX)/share/dbus-1/system.d/wpa_supplicant.conf
	install -m 0644 packaging/fi.w1.wpa_supplicant1.service $(DESTDIR)$(PREFIX)/share/dbus-1/system-services/
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 0644 packaging/wpa_supplicant.service packaging/wpa_supplicant@.service \
		packaging/wpa_supplicant-nl80211@.service packaging/wpa_supplicant-wired@.service \
		packaging/wpa_supplicant.socket $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -d $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/doc/gosupplicant
	install -m 0644 packaging/wpa_supplicant.8 packaging/wpa_cli.8 packaging/wpa_passphrase.8 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 0644 $(wildcard README.md) LICENSE $(DESTDIR)$(PREFIX)/share/doc/gosupplicant

clean:
	rm -rf build

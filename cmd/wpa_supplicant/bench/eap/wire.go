package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"

	"golang.org/x/sys/unix"
)

// wire is a tap on hostapd's end of the cable: EAPOL frames of both directions,
// with the kernel's time of each.
type wire struct{ fd int }

// etherTypeOffset and what follows: of Ethernet (IEEE 802.3), EAPOL (IEEE
// 802.1X-2020, clause 11.3) and EAP (RFC 3748, clause 4) headers.
const (
	etherTypeOffset  = 12
	packetTypeOffset = 15
	eapCodeOffset    = 18
	shortest         = eapCodeOffset + 1

	typeEAP, typeStart = 0, 1
	codeSuccess        = 3
)

// tap opens one. All protocols are asked for, as a tap on one of them does not
// see what this machine sends.
func tap(ifindex int) (*wire, error) {
	protocol := binary.NativeEndian.Uint16([]byte{unix.ETH_P_ALL >> 8, unix.ETH_P_ALL & 0xff})
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	w := &wire{fd}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		w.close()
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: protocol, Ifindex: ifindex}); err != nil {
		w.close()
		return nil, os.NewSyscallError("bind", err)
	}
	return w, nil
}

func (w *wire) close() { unix.Close(w.fd) }

// exchange is one conversation on the wire.
type exchange struct {
	start   time.Time // the first EAPOL-Start, or EAP frame without one
	success time.Time // EAP-Success
}

// took is how long it was, in ms.
func (e exchange) took() float64 { return ms(e.success.Sub(e.start)) }

// last takes all frames so far and returns the latest conversation that
// succeeded in them.
func (w *wire) last() (exchange, error) {
	var now, done exchange
	frame, control := make([]byte, 2048), make([]byte, 256)
	for {
		n, c, _, _, err := unix.Recvmsg(w.fd, frame, control, unix.MSG_TRUNC)
		switch {
		case err == unix.EAGAIN:
			if done.success.IsZero() {
				return done, fmt.Errorf("no conversation with a success was on the wire")
			}
			return done, nil
		case err == unix.EINTR:
			continue
		case err != nil:
			return done, os.NewSyscallError("recvmsg", err)
		}
		at, err := figures.HeardAt(control[:c])
		if err != nil {
			return done, err
		}
		switch kind(frame[:min(n, len(frame))]) {
		case frameOther:
			continue
		case frameSuccess:
			done, now = exchange{now.start, at}, exchange{}
		default:
			if now.start.IsZero() {
				now.start = at
			}
		}
	}
}

// frameKind is what a frame means here.
type frameKind int

const (
	frameOther frameKind = iota
	frameTalk
	frameSuccess
)

func kind(f []byte) frameKind {
	if len(f) < shortest || binary.BigEndian.Uint16(f[etherTypeOffset:]) != unix.ETH_P_PAE {
		return frameOther
	}
	switch f[packetTypeOffset] {
	case typeStart:
		return frameTalk
	case typeEAP:
		if f[eapCodeOffset] == codeSuccess {
			return frameSuccess
		}
		return frameTalk
	}
	return frameOther
}

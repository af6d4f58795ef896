// Package wireless performs the ioctls of wireless extensions, which every cfg80211
// device answers too where the kernel is built with CONFIG_CFG80211_WEXT.
//
// The driver wext is made of them. nl80211 needs one: to leave an access point. The
// kernel waits three to five times for all its processors when it ends an association
// (synchronize_net); it hurries only while the lock of the network configuration is
// held, as it is during an ioctl and is not during the request of nl80211.
package wireless

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// Union is the data of struct iwreq that is not a pointer, 16 bytes.
type Union [16]byte

// Socket is what ioctls are made on.
type Socket struct{ fd int }

// Open makes an ordinary socket.
func Open() (*Socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket for ioctls: %w", err)
	}
	return &Socket{fd}, nil
}

// Close gives it back.
func (s *Socket) Close() error { return unix.Close(s.fd) }

// valueReq is struct iwreq with a value, pointReq with a struct iw_point. The
// kernel copies 32 bytes both ways.
type valueReq struct {
	name [unix.IFNAMSIZ]byte
	u    Union
}

type pointReq struct {
	name    [unix.IFNAMSIZ]byte
	pointer unsafe.Pointer
	length  uint16
	flags   uint16
	_       [8]byte
}

// setName fills the interface name, leaving room for the terminating zero.
func setName(dst *[unix.IFNAMSIZ]byte, ifname string) error {
	if ifname == "" || len(ifname) >= unix.IFNAMSIZ {
		return fmt.Errorf("interface name %q: want 1 to %d bytes", ifname, unix.IFNAMSIZ-1)
	}
	copy(dst[:], ifname)
	return nil
}

// Value exchanges the union by value. An error of the kernel is a [unix.Errno].
func (s *Socket) Value(ifname string, cmd uint16, u *Union) error {
	req := valueReq{u: *u}
	if err := setName(&req.name, ifname); err != nil {
		return err
	}
	if err := s.ioctl(cmd, unsafe.Pointer(&req)); err != nil {
		return err
	}
	*u = req.u
	return nil
}

// MaxData is the most data that one request may hold, in bytes.
const MaxData = 0xffff

// Point hands data and flags over and returns how many bytes of data the kernel says
// it has filled, or taken. An error of the kernel is a [unix.Errno].
func (s *Socket) Point(ifname string, cmd uint16, data []byte, flags uint16) (int, error) {
	req := pointReq{flags: flags}
	if err := setName(&req.name, ifname); err != nil {
		return 0, err
	}
	if len(data) > MaxData {
		return 0, fmt.Errorf("%d bytes, at most %d", len(data), MaxData)
	}
	if len(data) > 0 {
		req.pointer, req.length = unsafe.Pointer(&data[0]), uint16(len(data))
	}
	err := s.ioctl(cmd, unsafe.Pointer(&req))
	runtime.KeepAlive(data)
	if err != nil {
		return 0, err
	}
	if n := int(req.length); n <= len(data) {
		return n, nil
	}
	return 0, fmt.Errorf("the kernel claims %d bytes in a buffer of %d", req.length, len(data))
}

func (s *Socket) ioctl(cmd uint16, req unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(s.fd), uintptr(cmd), uintptr(req))
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return errno
		}
		return nil
	}
}

// MLME is the command SIOCSIWMLME.
const MLME = 0x8b16

// Subcommands of MLME.
const (
	MLMEDeauth   = 0
	MLMEDisassoc = 1
)

// MLMERequest is struct iw_mlme, the data of MLME: subcommand, reason code, address.
func MLMERequest(sub uint16, bssid dot11.MAC, reason uint16) []byte {
	req := make([]byte, 20)
	order := binary.NativeEndian
	order.PutUint16(req, sub)
	order.PutUint16(req[2:], reason)
	order.PutUint16(req[4:], unix.ARPHRD_ETHER)
	copy(req[6:], bssid[:])
	return req
}

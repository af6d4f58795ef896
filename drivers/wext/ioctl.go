package wext

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// union is the data of struct iwreq that is not a pointer, 16 bytes.
type union [16]byte

// kernel performs ioctls. It is the seam at which tests put a double: a
// function from request to answer.
type kernel interface {
	// Value exchanges the union by value.
	Value(ifname string, cmd command, u *union) error
	// Point hands data and flags over and returns how many bytes of data the
	// kernel says it has filled, or taken.
	Point(ifname string, cmd command, data []byte, flags uint16) (n int, err error)
	Close() error
}

// sock is the kernel behind an ordinary socket.
type sock struct{ fd int }

func newSock() (*sock, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("wext: socket for ioctls: %w", err)
	}
	return &sock{fd}, nil
}

func (s *sock) Close() error { return unix.Close(s.fd) }

// valueReq is struct iwreq with a value, pointReq with a struct iw_point. The
// kernel copies 32 bytes both ways.
type valueReq struct {
	name [unix.IFNAMSIZ]byte
	u    union
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
		return fmt.Errorf("wext: interface name %q: want 1 to %d bytes", ifname, unix.IFNAMSIZ-1)
	}
	copy(dst[:], ifname)
	return nil
}

func (s *sock) Value(ifname string, cmd command, u *union) error {
	req := valueReq{u: *u}
	if err := setName(&req.name, ifname); err != nil {
		return err
	}
	if err := s.ioctl(cmd, unsafe.Pointer(&req)); err != nil {
		return &ioctlError{cmd, ifname, err}
	}
	*u = req.u
	return nil
}

func (s *sock) Point(ifname string, cmd command, data []byte, flags uint16) (int, error) {
	req := pointReq{flags: flags}
	if err := setName(&req.name, ifname); err != nil {
		return 0, err
	}
	if len(data) > maxScanData {
		return 0, fmt.Errorf("wext: %v on %s: %d bytes, at most %d", cmd, ifname, len(data), maxScanData)
	}
	if len(data) > 0 {
		req.pointer, req.length = unsafe.Pointer(&data[0]), uint16(len(data))
	}
	err := s.ioctl(cmd, unsafe.Pointer(&req))
	runtime.KeepAlive(data)
	if err != nil {
		return 0, &ioctlError{cmd, ifname, err}
	}
	if n := int(req.length); n <= len(data) {
		return n, nil
	}
	return 0, fmt.Errorf("wext: %v on %s: the kernel claims %d bytes in a buffer of %d", cmd, ifname, req.length, len(data))
}

func (s *sock) ioctl(cmd command, req unsafe.Pointer) error {
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

// ioctlError is a refusal by the kernel.
type ioctlError struct {
	cmd    command
	ifname string
	err    error
}

func (e *ioctlError) Error() string { return fmt.Sprintf("wext: %v on %s: %v", e.cmd, e.ifname, e.err) }
func (e *ioctlError) Unwrap() error { return e.err }

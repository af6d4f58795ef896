package wext

import (
	"fmt"

	"gosupplicant/drivers/internal/wireless"
)

// union is the data of struct iwreq that is not a pointer.
type union = wireless.Union

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
type sock struct{ *wireless.Socket }

func newSock() (*sock, error) {
	s, err := wireless.Open()
	if err != nil {
		return nil, fmt.Errorf("wext: %w", err)
	}
	return &sock{s}, nil
}

func (s *sock) Value(ifname string, cmd command, u *union) error {
	if err := s.Socket.Value(ifname, uint16(cmd), u); err != nil {
		return &ioctlError{cmd, ifname, err}
	}
	return nil
}

func (s *sock) Point(ifname string, cmd command, data []byte, flags uint16) (int, error) {
	n, err := s.Socket.Point(ifname, uint16(cmd), data, flags)
	if err != nil {
		return 0, &ioctlError{cmd, ifname, err}
	}
	return n, nil
}

// ioctlError is a request that was not made, or refused by the kernel.
type ioctlError struct {
	cmd    command
	ifname string
	err    error
}

func (e *ioctlError) Error() string { return fmt.Sprintf("wext: %v on %s: %v", e.cmd, e.ifname, e.err) }
func (e *ioctlError) Unwrap() error { return e.err }

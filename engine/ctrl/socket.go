package ctrl

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// addressLen is the room for a path in a socket address.
const addressLen = 108

// errPeerGone is in the chain of send errors after which nobody will read at
// that address any more.
var errPeerGone = errors.New("peer is gone")

// errFull is in the chain of send errors when the peer has not read enough.
var errFull = errors.New("peer does not read")

// socket is one bound socket.
type socket struct {
	conn   *net.UnixConn
	path   string // file to remove at close, or empty; absolute, as daemons change their folder
	dir    string // folder to remove at close if empty, or empty; absolute
	closed bool
}

// place is where an interface's socket goes.
type place struct {
	dir   string
	group string // name or number, empty for none
}

// parsePlace reads a ctrl_interface value: a folder, or words DIR= and GROUP=.
func parsePlace(value, defaultGroup string) (place, error) {
	p := place{dir: value, group: defaultGroup}
	if rest, ok := strings.CutPrefix(value, "DIR="); ok {
		p.dir = rest
		if dir, group, ok := strings.Cut(rest, " GROUP="); ok {
			p.dir, p.group = dir, group
		}
	}
	switch {
	case strings.HasPrefix(p.dir, "udp"):
		return p, fmt.Errorf("ctrl_interface %q: UDP sockets are not supported, use a folder", value)
	case p.dir == "" || strings.ContainsRune(p.dir, 0):
		return p, fmt.Errorf("ctrl_interface %q names no folder", value)
	}
	return p, nil
}

// groupID finds the number of a group.
func groupID(group string) (int, error) {
	if g, err := user.LookupGroup(group); err == nil {
		group = g.Gid
	}
	id, err := strconv.ParseUint(group, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("no group %q", group)
	}
	return int(id), nil
}

// listenInterface makes the folder and the socket of an interface.
func listenInterface(p place, ifname string) (*socket, error) {
	if strings.ContainsRune(ifname, '/') {
		return nil, fmt.Errorf("control socket of %q: not a file name", ifname)
	}
	gid := -1
	if p.group != "" {
		id, err := groupID(p.group)
		if err != nil {
			return nil, fmt.Errorf("ctrl_interface %s: %w", p.dir, err)
		}
		gid = id
	}
	if err := os.Mkdir(p.dir, 0o770); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("ctrl_interface: %w", err)
	}
	if gid >= 0 {
		if err := ownFolder(p.dir, gid); err != nil {
			return nil, fmt.Errorf("ctrl_interface: %w", err)
		}
	}
	path := filepath.Join(p.dir, ifname)
	conn, err := listen(path)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, path: absolute(path), dir: absolute(p.dir)}
	if err := own(path, gid, 0o770); err != nil {
		s.close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return s, nil
}

func absolute(path string) string {
	if a, err := filepath.Abs(path); err == nil {
		return a
	}
	return path
}

// ownFolder gives the folder to the group, which may look into it. A link is
// not followed: others may be able to place one.
func ownFolder(dir string, gid int) error {
	st, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	if err := os.Lchown(dir, -1, gid); err != nil {
		return err
	}
	return os.Chmod(dir, 0o750)
}

func own(path string, gid int, mode os.FileMode) error {
	if gid >= 0 {
		if err := os.Lchown(path, -1, gid); err != nil {
			return err
		}
	}
	return os.Chmod(path, mode)
}

// listenGlobal makes the socket of -g; "@abstract:name" has no file.
func listenGlobal(path, group string) (*socket, error) {
	if name, ok := strings.CutPrefix(path, "@"); ok {
		name = strings.TrimPrefix(name, "abstract:")
		if len(name) >= addressLen {
			return nil, fmt.Errorf("global control socket %s: name is too long", path)
		}
		// Clients of this protocol fill the whole address with zero bytes.
		full := "@" + name + strings.Repeat("\x00", addressLen-1-len(name))
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: full, Net: "unixgram"})
		if err != nil {
			return nil, fmt.Errorf("global control socket %s: %w", path, err)
		}
		return &socket{conn: conn}, nil
	}
	if strings.HasPrefix(path, "udp:") {
		return nil, fmt.Errorf("global control socket %s: UDP sockets are not supported", path)
	}
	gid, mode := -1, os.FileMode(0o700)
	if group != "" {
		id, err := groupID(group)
		if err != nil {
			return nil, fmt.Errorf("global control socket %s: %w", path, err)
		}
		gid, mode = id, 0o770
	}
	conn, err := listen(path)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, path: absolute(path)}
	if err := own(path, gid, mode); err != nil {
		s.close()
		return nil, fmt.Errorf("global control socket: %w", err)
	}
	return s, nil
}

// listen binds path. A socket file that nobody listens on is replaced.
func listen(path string) (*net.UnixConn, error) {
	if len(path) >= addressLen {
		return nil, fmt.Errorf("control socket %s: path is longer than %d bytes", path, addressLen-1)
	}
	addr := &net.UnixAddr{Name: path, Net: "unixgram"}
	conn, err := net.ListenUnixgram("unixgram", addr)
	if errors.Is(err, unix.EADDRINUSE) {
		if inUse(path) {
			return nil, fmt.Errorf("control socket %s exists and is in use: another process controls this interface", path)
		}
		if err = os.Remove(path); err == nil {
			conn, err = net.ListenUnixgram("unixgram", addr)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	return conn, nil
}

// inUse reports whether somebody listens on the socket, or path is no socket.
func inUse(path string) bool {
	st, err := os.Lstat(path)
	if err != nil || st.Mode().Type() != os.ModeSocket {
		return err == nil
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err == nil {
		c.Close()
	}
	return err == nil
}

// inherited takes over a socket of service activation.
func inherited(f *os.File) (*socket, error) {
	c, err := net.FilePacketConn(f)
	if err != nil {
		return nil, fmt.Errorf("inherited socket %s: %w", f.Name(), err)
	}
	uc, ok := c.(*net.UnixConn)
	if !ok || uc.LocalAddr().Network() != "unixgram" {
		c.Close()
		return nil, fmt.Errorf("inherited socket %s: not a UNIX datagram socket", f.Name())
	}
	return &socket{conn: uc}, nil
}

// send hands text to the kernel for the peer at address to, without waiting.
func (s *socket) send(to string, text string) error {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = raw.Write(func(fd uintptr) bool {
		sent = unix.Sendto(int(fd), []byte(text), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, &unix.SockaddrUnix{Name: to})
		return true
	})
	if err != nil {
		return err
	}
	switch {
	case errors.Is(sent, unix.EAGAIN), errors.Is(sent, unix.ENOBUFS):
		return fmt.Errorf("%w: %w", errFull, sent)
	case errors.Is(sent, unix.ENOENT), errors.Is(sent, unix.EPERM), errors.Is(sent, unix.ECONNREFUSED):
		return fmt.Errorf("%w: %w", errPeerGone, sent)
	}
	return sent
}

// close ends the reader and takes the files away.
func (s *socket) close() {
	if s.closed {
		return
	}
	s.closed = true
	s.conn.Close()
	if s.path != "" {
		os.Remove(s.path)
	}
	if s.dir != "" {
		os.Remove(s.dir) // only succeeds when it is empty, as is wanted
	}
}

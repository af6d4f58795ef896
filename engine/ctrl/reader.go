package ctrl

import (
	"net"
)

// maxRequest is the longest request in bytes; longer ones are ignored.
const maxRequest = 8192

// read takes datagrams until the socket is closed. It runs in a goroutine of
// its own and touches no state: take is called on the loop.
func read(conn *net.UnixConn, call func(func()) bool, take func(msg string, from string)) {
	buf := make([]byte, maxRequest+1)
	for {
		n, addr, err := conn.ReadFromUnix(buf)
		if err != nil {
			return
		}
		if n > maxRequest {
			continue
		}
		from := ""
		if addr != nil {
			from = addr.Name
		}
		msg := string(buf[:n])
		if !call(func() { take(msg, from) }) {
			return
		}
	}
}

// startReader begins read.
func startReader(conn *net.UnixConn, call func(func()) bool, take func(msg string, from string)) {
	go read(conn, call, take)
}

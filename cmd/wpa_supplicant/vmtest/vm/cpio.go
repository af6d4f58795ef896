package vm

import (
	"fmt"
	"io"
)

// cpioWriter writes the "newc" archive format that the kernel unpacks as its
// initial file system: a header of 13 eight-digit hexadecimal fields behind
// the magic 070701, the name with its NUL, the content, each padded to 4 bytes.
type cpioWriter struct {
	w   io.Writer
	n   int64 // bytes written
	ino int
	err error
}

const (
	cpioDir  = 0o040755
	cpioFile = 0o100755
)

func (c *cpioWriter) add(name string, mode int, content []byte) {
	c.ino++
	c.write(fmt.Appendf(nil, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		c.ino, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0))
	c.write(append([]byte(name), 0))
	c.pad()
	c.write(content)
	c.pad()
}

// close writes the end mark and returns the first error of all writes.
func (c *cpioWriter) close() error {
	c.add("TRAILER!!!", 0, nil)
	return c.err
}

func (c *cpioWriter) write(b []byte) {
	if c.err == nil {
		var n int
		n, c.err = c.w.Write(b)
		c.n += int64(n)
	}
}

func (c *cpioWriter) pad() {
	c.write(make([]byte, -c.n&3))
}

package conf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// newFileMode is for a file that was not there before: it may hold keys.
const newFileMode = 0o600

// fileOps are the steps of replaceFile that a test makes fail.
type fileOps struct {
	createTemp func(dir, pattern string) (*os.File, error)
	rename     func(from, to string) error
	overwrite  func(path string, data []byte) error
}

var osFile = fileOps{os.CreateTemp, os.Rename, overwriteFile}

// replaceFile gives path the content data: through a temporary file in the same
// folder that is renamed over it, so that a reader and a power cut see the old or
// the new content. Where the rename is impossible because path is a mount point
// (a bind-mounted file) or the folder takes no new file, path is written in
// place.
func replaceFile(path string, data []byte) error { return osFile.replace(path, data) }

func (ops fileOps) replace(path string, data []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	temp, err := ops.writeTemp(path, data)
	if err != nil {
		if isReadOnlyDir(err) {
			return ops.inPlace(path, "", data, err)
		}
		return err
	}
	err = ops.rename(temp, path)
	switch {
	case err == nil:
		return syncDir(filepath.Dir(path))
	case errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV):
		return ops.inPlace(path, temp, data, err)
	}
	os.Remove(temp)
	return err
}

func isReadOnlyDir(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM)
}

// writeTemp makes the temporary file with the mode and owner of path, safe on
// disk, and returns its name.
func (ops fileOps) writeTemp(path string, data []byte) (name string, err error) {
	f, err := ops.createTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := takeOwner(f, path); err != nil {
		return "", err
	}
	if _, err := f.Write(data); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// takeOwner gives f the mode of path and, where allowed, its owner.
func takeOwner(f *os.File, path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return f.Chmod(newFileMode)
	}
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		err := f.Chown(int(sys.Uid), int(sys.Gid))
		if errors.Is(err, syscall.EPERM) {
			err = f.Chown(-1, int(sys.Gid)) // allowed where the group is one of ours
		}
		if err != nil && !errors.Is(err, syscall.EPERM) {
			return err
		}
	}
	return f.Chmod(st.Mode().Perm())
}

// inPlace overwrites path. The old content stands in side (a file that is
// rewritten for it; "" when the folder takes none) until the new one is safe; if
// writing fails it is put back.
func (ops fileOps) inPlace(path, side string, data []byte, cause error) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return errors.Join(cause, err, removeIf(side))
	}
	if side != "" {
		if err := overwriteFile(side, old); err != nil {
			return errors.Join(cause, err, removeIf(side))
		}
	}
	if err := ops.overwrite(path, data); err != nil {
		back := overwriteFile(path, old)
		if back != nil && side != "" {
			return fmt.Errorf("%w; the old content is in %s", errors.Join(err, back), side)
		}
		return errors.Join(err, back, removeIf(side))
	}
	return removeIf(side)
}

func removeIf(path string) error {
	if path == "" {
		return nil
	}
	return os.Remove(path)
}

// overwriteFile gives an existing file new content and waits for the disk.
func overwriteFile(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err := io.Copy(f, bytes.NewReader(data)); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir makes a rename safe on disk; a file system that cannot is no error.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

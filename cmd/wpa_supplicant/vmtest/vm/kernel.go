package vm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Kernel is an unpacked kernel package.
type Kernel struct {
	Version string // release, as `uname -r` prints it
	Image   string // path of the bootable image
	Root    string // folder that holds lib/modules/<Version>
}

// kernelPackage is the metapackage whose first dependency is the current kernel.
const kernelPackage = "linux-image-amd64"

// CacheDir is where unpacked kernels are kept: $VM_CACHE, else
// gosupplicant/vm in the user's cache folder.
func CacheDir() (string, error) {
	if dir := os.Getenv("VM_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("vm: no cache folder (set VM_CACHE): %w", err)
	}
	return filepath.Join(dir, "gosupplicant", "vm"), nil
}

// FindKernel returns the kernel in the cache folder dir, and fetches and
// unpacks Debian's current one with apt when there is none. Several processes
// may call it at once.
func FindKernel(ctx context.Context, dir string) (Kernel, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Kernel{}, fmt.Errorf("vm: cache: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return Kernel{}, fmt.Errorf("vm: cache: %w", err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return Kernel{}, fmt.Errorf("vm: lock cache: %w", err)
	}
	mark := filepath.Join(dir, "version")
	if b, err := os.ReadFile(mark); err == nil {
		return kernelAt(dir, strings.TrimSpace(string(b)))
	}
	version, err := fetchKernel(ctx, dir)
	if err != nil {
		return Kernel{}, err
	}
	if err := os.WriteFile(mark, []byte(version+"\n"), 0o644); err != nil {
		return Kernel{}, fmt.Errorf("vm: cache: %w", err)
	}
	return kernelAt(dir, version)
}

func kernelAt(dir, version string) (Kernel, error) {
	k := Kernel{Version: version, Root: filepath.Join(dir, "root")}
	k.Image = filepath.Join(k.Root, "boot", "vmlinuz-"+version)
	if _, err := os.Stat(k.Image); err != nil {
		return Kernel{}, fmt.Errorf("vm: the cache %s is damaged, remove it: %w", dir, err)
	}
	return k, nil
}

// fetchKernel downloads and unpacks the kernel package below dir/root.
func fetchKernel(ctx context.Context, dir string) (version string, err error) {
	pkg, err := currentKernelPackage(ctx)
	if err != nil {
		return "", err
	}
	version = strings.TrimPrefix(pkg, "linux-image-")
	tmp, err := os.MkdirTemp(dir, "fetch")
	if err != nil {
		return "", fmt.Errorf("vm: cache: %w", err)
	}
	defer os.RemoveAll(tmp)
	if os.Geteuid() == 0 {
		// apt fetches as its own user, who must be able to write there.
		if err := os.Chmod(tmp, 0o777); err != nil {
			return "", fmt.Errorf("vm: cache: %w", err)
		}
	}
	if _, err := tool(ctx, tmp, "apt-get", "download", pkg); err != nil {
		return "", err
	}
	debs, err := filepath.Glob(filepath.Join(tmp, "*.deb"))
	if err != nil || len(debs) != 1 {
		return "", fmt.Errorf("vm: apt-get download %s left %d packages, want 1", pkg, len(debs))
	}
	root := filepath.Join(dir, "root")
	if err := os.RemoveAll(root); err != nil {
		return "", fmt.Errorf("vm: cache: %w", err)
	}
	if _, err := tool(ctx, dir, "dpkg-deb", "-x", debs[0], root); err != nil {
		return "", err
	}
	_, err = tool(ctx, dir, "depmod", "-b", root, version)
	return version, err
}

// currentKernelPackage asks apt which package the metapackage stands for.
func currentKernelPackage(ctx context.Context) (string, error) {
	out, err := tool(ctx, "/", "apt-cache", "depends", kernelPackage)
	if err != nil {
		return "", err
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) == 2 && f[0] == "Depends:" && strings.HasPrefix(f[1], "linux-image-") {
			return f[1], nil
		}
	}
	return "", fmt.Errorf("vm: apt knows no %s: run `apt-get update` first", kernelPackage)
}

// tool runs a program of the host and returns its output; the error has what
// the program said.
func tool(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		for _, d := range []string{"/usr/sbin", "/sbin"} {
			if _, serr := os.Stat(filepath.Join(d, name)); serr == nil {
				path, err = filepath.Join(d, name), nil
				break
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("vm: %s is not installed (`make deps` installs it): %w", name, err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("vm: %s: %w: %s", cmd, err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

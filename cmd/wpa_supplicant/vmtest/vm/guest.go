package vm

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// outputPort finds the serial line that carries the command's output to the
// host: the virtio port that the machine's description calls "output".
func outputPort() (string, error) {
	const class = "/sys/class/virtio-ports"
	deadline := time.Now().Add(10 * time.Second)
	for {
		ports, err := filepath.Glob(class + "/*")
		if err != nil {
			return "", err
		}
		for _, port := range ports {
			if name, err := os.ReadFile(filepath.Join(port, "name")); err == nil && strings.TrimSpace(string(name)) == "output" {
				return filepath.Join("/dev", filepath.Base(port)), nil
			}
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("no port named output among %v", ports)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Guest is the life of the machine's first process: it assembles the file
// tree, runs the job and switches the machine off. It does not return.
func Guest() {
	code, err := guest()
	if err != nil {
		fmt.Fprintf(os.Stderr, "vm guest: %v\n", err)
	}
	if code >= 0 {
		if err := os.WriteFile(filepath.Join(GuestShare, exitFile), []byte(strconv.Itoa(code)), 0o644); err != nil {
			fmt.Fprintf(os.Stderr, "vm guest: exit code: %v\n", err)
		}
	}
	unix.Sync()
	err = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	fmt.Fprintf(os.Stderr, "vm guest: power off: %v\n", err)
	os.Exit(1)
}

func guest() (code int, err error) {
	b, err := os.ReadFile("/job")
	if err != nil {
		return -1, err
	}
	var j job
	if err := json.Unmarshal(b, &j); err != nil {
		return -1, fmt.Errorf("job: %w", err)
	}
	if err := assemble(j); err != nil {
		return -1, err
	}
	if err := os.WriteFile(filepath.Join(GuestShare, startedFile), nil, 0o644); err != nil {
		return -1, err
	}
	if err := radios(j); err != nil {
		return -1, err
	}
	return execute(j)
}

type mount struct {
	source, target, kind, data string
	flags                      uintptr
}

// assemble loads the modules and builds the root: the host's files under an
// overlay in memory, the machine's own kernel file systems, the share.
func assemble(j job) error {
	early := []mount{{"proc", "/proc", "proc", "", 0}, {"sys", "/sys", "sysfs", "", 0}, {"dev", "/dev", "devtmpfs", "", 0}}
	if err := mountAll(early); err != nil {
		return err
	}
	if err := insertModules("/modules"); err != nil {
		return err
	}
	const p9 = "trans=virtio,version=9p2000.L,msize=512000"
	if err := mountAll([]mount{
		{"host", "/host", "9p", p9 + ",cache=loose", unix.MS_RDONLY},
		{"memory", "/memory", "tmpfs", "size=60%", 0},
	}); err != nil {
		return err
	}
	for _, dir := range []string{"/memory/upper", "/memory/work"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := mountAll([]mount{{"overlay", "/root", "overlay", "lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work", 0}}); err != nil {
		return err
	}
	modules := filepath.Join("/root/usr/lib/modules", j.Version)
	for _, dir := range []string{"/root" + GuestShare, modules} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := mountAll([]mount{
		{"proc", "/root/proc", "proc", "", 0}, {"sys", "/root/sys", "sysfs", "", 0},
		{"dev", "/root/dev", "devtmpfs", "", 0}, {"run", "/root/run", "tmpfs", "mode=755", 0},
		{"tmp", "/root/tmp", "tmpfs", "mode=1777", 0},
		{"share", "/root" + GuestShare, "9p", p9, 0},
		{filepath.Join("/host", j.ModulesDir), modules, "", "", unix.MS_BIND},
	}); err != nil {
		return err
	}
	return enterRoot()
}

// enterRoot makes /root the root and adds what udev and init scripts would.
func enterRoot() error {
	if err := unix.Chroot("/root"); err != nil {
		return fmt.Errorf("chroot: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	for _, dir := range []string{"/dev/pts", "/dev/shm", "/run/dbus", "/run/lock", "/run/udev"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := mountAll([]mount{{"pts", "/dev/pts", "devpts", "", 0}, {"shm", "/dev/shm", "tmpfs", "mode=1777", 0}}); err != nil {
		return err
	}
	for name, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		if err := os.Symlink(target, filepath.Join("/dev", name)); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return unix.Sethostname([]byte("vm"))
}

func mountAll(mounts []mount) error {
	for _, m := range mounts {
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, m.data); err != nil {
			return fmt.Errorf("mount %s on %s: %w", m.source, m.target, err)
		}
	}
	return nil
}

// insertModules loads every file of dir in the order of their names.
func insertModules(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		f.Close()
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("load %s: %w", e.Name(), err)
		}
	}
	return nil
}

var environment = []string{
	"PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root", "TERM=linux", "LANG=C.UTF-8",
}

// radios brings the loopback interface up and the simulated radios in.
func radios(j job) error {
	steps := [][]string{{"ip", "link", "set", "lo", "up"}}
	if j.Radios > 0 {
		args := append([]string{"modprobe", "mac80211_hwsim", "radios=" + strconv.Itoa(j.Radios)}, j.HWSimArgs...)
		steps = append(steps, args)
	}
	if err := os.Setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"); err != nil {
		return err
	}
	for _, s := range steps {
		cmd := exec.Command(s[0], s[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", s, err, out)
		}
	}
	return nil
}

// execute runs the command to its end, and buries every orphan meanwhile.
func execute(j job) (code int, err error) {
	cmd := exec.Command(j.Command[0], j.Command[1:]...)
	cmd.Env = append(environment[:len(environment):len(environment)], j.Env...)
	if cmd.Dir = j.Dir; cmd.Dir == "" {
		cmd.Dir = "/root"
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	port := "/dev/ttyS0"
	if j.Shell {
		cmd.SysProcAttr.Setctty = true
	} else if port, err = outputPort(); err != nil {
		return -1, err
	}
	out, err := os.OpenFile(port, os.O_RDWR, 0)
	if err != nil {
		return -1, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if j.Shell {
		cmd.Stdin = out
	}
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(out, "vm: %v\n", err)
		return 127, nil
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return -1, fmt.Errorf("wait: %w", err)
		case pid == cmd.Process.Pid && status.Exited():
			return status.ExitStatus(), nil
		case pid == cmd.Process.Pid && status.Signaled():
			return 128 + int(status.Signal()), nil
		}
	}
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Go process cannot fork itself: going to the background is to start the
// program again in a session of its own and wait until it says, through a pipe,
// that it is connected.
const (
	daemonEnv = "WPA_CLI_BACKGROUND"
	readyFD   = 3
)

func isDaemon() bool { return os.Getenv(daemonEnv) == "1" }

// startDaemon returns the exit status of the foreground process.
func startDaemon(argv []string, stderr io.Writer) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", argv[0], err)
		return exitFailed
	}
	r, w, err := os.Pipe()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", argv[0], err)
		return exitFailed
	}
	cmd := exec.Command(self, argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Env = append(os.Environ(), daemonEnv+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	w.Close()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", argv[0], err)
		return exitFailed
	}
	var ready [1]byte
	if n, _ := r.Read(ready[:]); n == 1 {
		return exitOK
	}
	var exit *exec.ExitError
	if errors.As(cmd.Wait(), &exit) && exit.ExitCode() >= 0 {
		return exit.ExitCode()
	}
	return exitFailed
}

// daemonReady, in the background process, writes the PID file, leaves the
// terminal and the folder, and lets the foreground process end.
func daemonReady(pidFile string) error {
	os.Unsetenv(daemonEnv)
	if pidFile != "" {
		if err := os.WriteFile(pidFile, fmt.Appendf(nil, "%d\n", os.Getpid()), 0o644); err != nil {
			return err
		}
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	if err := os.Chdir("/"); err != nil {
		return err
	}
	for fd := range 3 {
		if err := unix.Dup3(int(null.Fd()), fd, 0); err != nil {
			return err
		}
	}
	ready := os.NewFile(readyFD, "ready")
	defer ready.Close()
	_, err = ready.Write([]byte{1})
	return err
}

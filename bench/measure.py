"""Runs a command and prints its wall-clock seconds and the greatest resident memory of its process, in MiB."""
import json, os, subprocess, sys, time

start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(json.dumps({"seconds": time.perf_counter() - start, "mib": usage.ru_maxrss / 1024, "status": os.waitstatus_to_exitcode(status)}))

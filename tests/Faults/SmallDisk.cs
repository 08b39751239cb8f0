using System.Runtime.InteropServices;

namespace BeschutWerk.Faults;

/// <summary>A disk of a few megabytes in memory, where this process may mount one; and limits of another process that every system has.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int FileSize = 1; // RLIMIT_FSIZE
    private const int Detach = 2; // MNT_DETACH

    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    /// <summary>Mounts one.</summary>
    /// <returns>Null when the system does not let us, as without the right to mount.</returns>
    public static SmallDisk? TryMount(int megabytes)
    {
        var folder = Directory.CreateTempSubdirectory("beschutwerk-disk-").FullName;
        if (Mount("none", folder, "tmpfs", 0, $"size={megabytes}m") == 0) return new SmallDisk(folder);
        Directory.Delete(folder);
        return null;
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true) filler.Write(page);
        }
        catch (IOException)
        {
            // Full, which is what was wanted.
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    public void Dispose()
    {
        if (Unmount(Folder, Detach) != 0) throw new IOException($"{Folder} cannot be unmounted: error {Marshal.GetLastPInvokeError()}.");
        Directory.Delete(Folder);
    }

    /// <summary>Lets a process write no file beyond this size; null takes the limit away.</summary>
    public static void LimitFiles(int process, long? size)
    {
        var limit = new Limit { Soft = size is { } most ? (ulong)most : ulong.MaxValue, Hard = ulong.MaxValue };
        if (SetLimit(process, FileSize, in limit, 0) != 0) throw new IOException($"The files of process {process} cannot be limited: error {Marshal.GetLastPInvokeError()}.");
    }

    private struct Limit
    {
        public ulong Soft, Hard;
    }

    [DllImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int process, int resource, in Limit limit, nint before);

    [DllImport("libc", EntryPoint = "mount", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Mount(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string source, [MarshalAs(UnmanagedType.LPUTF8Str)] string target, [MarshalAs(UnmanagedType.LPUTF8Str)] string type,
        ulong flags, [MarshalAs(UnmanagedType.LPUTF8Str)] string data);

    [DllImport("libc", EntryPoint = "umount2", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unmount([MarshalAs(UnmanagedType.LPUTF8Str)] string target, int flags);
}

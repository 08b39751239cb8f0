using System.Runtime.InteropServices;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>As long as it lives, this process writes no file beyond so many bytes.</summary>
internal sealed class FileLimit : IDisposable
{
    private const int FileSize = 1; // RLIMIT_FSIZE

    private readonly Limit _before;

    public FileLimit(long bytes)
    {
        if (Get(FileSize, out _before) != 0) throw new IOException($"Error {Marshal.GetLastPInvokeError()}.");
        SetTo(_before with { Soft = (ulong)bytes });
    }

    public void Dispose() => SetTo(_before);

    private static void SetTo(Limit limit)
    {
        if (Set(FileSize, in limit) != 0) throw new IOException($"Error {Marshal.GetLastPInvokeError()}.");
    }

    private record struct Limit(ulong Soft, ulong Hard);

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Get(int resource, out Limit limit);

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Set(int resource, in Limit limit);
}

using System.Runtime.InteropServices;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>As long as it lives, whoever in this process has a file open finds its disk full: what is open leads to /dev/full.</summary>
internal sealed class FullDisk : IDisposable
{
    private const int WriteOnly = 1;

    private readonly List<(int Open, int Kept)> _files = [];

    public FullDisk(string path)
    {
        var full = Checked(Open("/dev/full", WriteOnly));
        foreach (var link in Directory.GetFiles("/proc/self/fd"))
        {
            if (TargetOf(link) != path) continue;
            var open = int.Parse(Path.GetFileName(link));
            _files.Add((open, Checked(Dup(open))));
            Checked(Dup2(full, open));
        }

        Checked(Close(full));
        Assert.NotEmpty(_files);
    }

    public void Dispose()
    {
        foreach (var (open, kept) in _files)
        {
            Checked(Dup2(kept, open));
            Checked(Close(kept));
        }
    }

    private static string? TargetOf(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            // Somebody else's, which was closed meanwhile.
            return null;
        }
    }

    private static int Checked(int answer) => answer >= 0 ? answer : throw new IOException($"Error {Marshal.GetLastPInvokeError()}.");

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "dup", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Dup(int file);

    [DllImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Dup2(int file, int other);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
}

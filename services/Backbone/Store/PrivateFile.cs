using System.Runtime.InteropServices;

namespace BeschutWerk.Backbone.Store;

/// <summary>Files that only their owner may read. They are never seen half written, and stand after a power cut.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Makes a folder that only its owner may enter, and those above it that are missing. One that exists becomes so, for it may be from
    /// before that was kept, or out of a copy; those above it stay as they are.
    /// </summary>
    /// <returns>Its full path.</returns>
    public static string MakeFolder(string path)
    {
        var missing = new Stack<string>();
        for (var at = Path.GetFullPath(path); !Directory.Exists(at); at = Path.GetDirectoryName(at)!) missing.Push(at);
        // .NET gives its mode to the last folder only.
        foreach (var folder in missing) Directory.CreateDirectory(folder, Folder);
        var made = new DirectoryInfo(path);
        try
        {
            if (made.UnixFileMode != Folder) made.UnixFileMode = Folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or a medium without modes: who mounted it decided who may enter.
        }

        return made.FullName;
    }

    /// <summary>Puts the file in its place in one step. Whoever writes it at the same time does the same; the last one stays.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            using (var file = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            Move(unfinished, path, overwrite: true);
        }
        catch
        {
            Discard(unfinished);
            throw;
        }
    }

    /// <summary>
    /// Takes a file away that is of no use, and what SQLite keeps beside it. It throws nothing: who cleans up has a cause to tell, and
    /// a file that stays is found by who writes it next.
    /// </summary>
    public static void Discard(string path)
    {
        foreach (var part in new[] { "", "-journal", "-mark", "-wal", "-shm" })
        {
            try
            {
                File.Delete(path + part);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Said above.
            }
        }
    }

    /// <summary>Gives a file that is whole and on the disk its name, and writes the name to the disk too.</summary>
    public static void Move(string from, string to, bool overwrite = false)
    {
        File.Move(from, to, overwrite);
        Flush(Path.GetDirectoryName(to)!);
    }

    /// <summary>Makes a file without content, with its mode from the beginning.</summary>
    public static void Create(string path) =>
        new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }).Dispose();

    // .NET opens no folders.
    private static void Flush(string folder)
    {
        var handle = Open(folder, flags: 0);
        if (handle < 0) throw new IOException($"{folder} cannot be opened to be flushed: error {Marshal.GetLastPInvokeError()}.");
        try
        {
            if (Fsync(handle) != 0) throw new IOException($"{folder} cannot be flushed: error {Marshal.GetLastPInvokeError()}.");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}

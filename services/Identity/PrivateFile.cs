namespace BeschutWerk.Identity;

/// <summary>Files that only the owner may read, and that are never seen half written.</summary>
static class PrivateFile
{
    const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode OwnerOnlyFolder = OwnerOnlyFile | UnixFileMode.UserExecute;

    public static void CreateFolder(string folder)
    {
        // Windows has no modes: there the folder inherits its access list from the data folder.
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        // .NET gives the mode to the last folder only.
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is { } above && !Directory.Exists(above)) CreateFolder(above);
        Directory.CreateDirectory(folder, OwnerOnlyFolder);
        // It may have existed with a wider mode, for example out of a backup.
        File.SetUnixFileMode(folder, OwnerOnlyFolder);
    }

    /// <summary>Opens a file that is only ever added to, and makes it when there is none.</summary>
    public static FileStream OpenToAdd(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete,
            // What cannot be written must not be tried once more behind the back of who was told so.
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnlyFile;
        return new FileStream(path, options);
    }

    /// <summary>Replaces the file in one step: after a crash it is the old or the new one, whole.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        // A leftover of a crash would keep its own mode; a new file has ours from its first byte.
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnlyFile;

        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}

namespace BeschutWerk.Backbone.Store;

/// <summary>One process per service owns its data folder: a second one would not see the queue of the first.</summary>
public sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the lock until it is disposed of or the process ends, however it ends.</summary>
    /// <exception cref="StartupException">Another process has it.</exception>
    public static FolderLock Take(string folder)
    {
        try
        {
            return new FolderLock(new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error)
        {
            throw new StartupException($"{folder} is in use by another process. Stop that one, or give this one another folder (Data__Folder, in Host --data).", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}

using System.Text;

namespace BeschutWerk.Identity;

/// <summary>
/// A private file of lines that is only ever added to. What was added is on the disk; what a crash cut off goes at the next opening,
/// for it was confirmed to nobody.
/// </summary>
sealed class LineFile : IDisposable
{
    readonly FileStream file;

    public LineFile(string path)
    {
        file = PrivateFile.OpenToAdd(path);
        file.SetLength(EndOfLastLine());
    }

    /// <summary>All lines, from the first.</summary>
    public IEnumerable<string> Read()
    {
        file.Seek(0, SeekOrigin.Begin);
        using var lines = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        while (lines.ReadLine() is { } line) yield return line;
    }

    /// <summary>Adds lines, each with its line feed. They are on the disk when it returns.</summary>
    /// <exception cref="IOException">The disk is full, or cannot be written; nothing was added.</exception>
    public void Add(string lines)
    {
        var length = file.Length;
        try
        {
            file.Seek(length, SeekOrigin.Begin);
            file.Write(Encoding.UTF8.GetBytes(lines));
            file.Flush(flushToDisk: true);
        }
        catch
        {
            // Half a line must not stand before the next one.
            file.SetLength(length);
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    long EndOfLastLine()
    {
        var chunk = new byte[4096];
        for (var end = file.Length; end > 0; end -= chunk.Length)
        {
            var start = Math.Max(0, end - chunk.Length);
            file.Seek(start, SeekOrigin.Begin);
            file.ReadExactly(chunk, 0, (int)(end - start));
            if (chunk.AsSpan(0, (int)(end - start)).LastIndexOf((byte)'\n') is var at and >= 0) return start + at + 1;
        }
        return 0;
    }
}

namespace BeschutWerk.Faults;

/// <summary>What can happen to the bytes of a file. The choice comes from a seed, so that a run can be repeated.</summary>
internal static class Damage
{
    private const int Page = 4096;
    private const int Header = 100;

    /// <summary>Does one thing to the file.</summary>
    /// <returns>What was done.</returns>
    public static string Do(string path, Random random)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0) return Delete(path);
        switch (random.Next(20))
        {
            case < 9: return Flip(path, bytes, random.Next(bytes.Length), random.Next(8));
            case < 11: return Flip(path, bytes, random.Next(Math.Min(Header, bytes.Length)), random.Next(8));
            case < 12: return Flip(path, bytes, random.Next(Math.Min(Page, bytes.Length)), random.Next(8));
            case < 14: return Garbage(path, bytes, random);
            case < 15: return Copied(path, bytes, random);
            case < 16: return Zeroed(path, bytes, random);
            case < 18: return Cut(path, random.Next(bytes.Length));
            case < 19: return Cut(path, 0);
            default: return Delete(path);
        }
    }

    /// <summary>Turns one bit over.</summary>
    public static string Flip(string path, Random random)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes.Length == 0 ? Delete(path) : Flip(path, bytes, random.Next(bytes.Length), random.Next(8));
    }

    private static string Flip(string path, byte[] bytes, int at, int bit)
    {
        Write(path, at, [(byte)(bytes[at] ^ (1 << bit))]);
        return $"bit {bit} of byte {at} of {Path.GetFileName(path)} flipped";
    }

    private static string Garbage(string path, byte[] bytes, Random random)
    {
        var run = new byte[Math.Min(random.Next(64, 1024), bytes.Length)];
        random.NextBytes(run);
        var at = random.Next(bytes.Length - run.Length + 1);
        Write(path, at, run);
        return $"{run.Length} random bytes at {at} of {Path.GetFileName(path)}";
    }

    /// <summary>A page lies in another one's place, as after a write that went astray.</summary>
    private static string Copied(string path, byte[] bytes, Random random)
    {
        var pages = bytes.Length / Page;
        if (pages < 2) return Cut(path, 0);
        var (from, to) = (random.Next(pages), random.Next(pages - 1));
        if (to >= from) to++;
        Write(path, to * Page, bytes.AsSpan(from * Page, Page));
        return $"page {from + 1} written over page {to + 1} of {Path.GetFileName(path)}";
    }

    private static string Zeroed(string path, byte[] bytes, Random random)
    {
        var at = random.Next(bytes.Length) / Page * Page;
        Write(path, at, new byte[Math.Min(Page, bytes.Length - at)]);
        return $"page at {at} of {Path.GetFileName(path)} zeroed";
    }

    private static string Cut(string path, int length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(length);
        return $"{Path.GetFileName(path)} cut off at {length}";
    }

    private static string Delete(string path)
    {
        File.Delete(path);
        return $"{Path.GetFileName(path)} deleted";
    }

    /// <summary>In place: whoever has the file open sees it.</summary>
    private static void Write(string path, int at, ReadOnlySpan<byte> bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Position = at;
        file.Write(bytes);
    }
}

using System.Security.Cryptography;
using System.Text;

namespace BeschutWerk.Backbone.Store;

/// <summary>Ids of whatever a service keeps, of requests and of events.</summary>
public static class Ids
{
    /// <summary>A new UUIDv7: ordered by time, so that inserts stay at the end of an index.</summary>
    public static Guid New() => Guid.CreateVersion7();

    /// <summary>Reads an id that its field rule checked.</summary>
    public static Guid Parse(string text) => Guid.ParseExact(text, "D");

    /// <summary>An id in the form of the contracts: 36 characters, lower case.</summary>
    public static string Text(this Guid id) => id.ToString("D");

    /// <summary>UUIDv5 (RFC 9562): the same id for the same origin and purpose, so that a retry repeats the same call.</summary>
    public static Guid Derive(Guid origin, string purpose)
    {
        Span<byte> input = stackalloc byte[16 + Encoding.UTF8.GetByteCount(purpose)];
        origin.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(purpose, input[16..]);

        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 9562 defines UUIDv5 by SHA-1; it names, it does not protect.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>As it stands in a BLOB column: sixteen bytes, most significant first, so that order by bytes is order by time.</summary>
    public static byte[] Bytes(this Guid id) => id.ToByteArray(bigEndian: true);

    /// <summary>From a BLOB column.</summary>
    public static Guid FromBytes(byte[] bytes) => new(bytes, bigEndian: true);
}

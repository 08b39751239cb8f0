using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The key under which one service wraps the data keys of its stores: <c>&lt;data&gt;/keys/&lt;service&gt;.key</c>, mode 0600.
/// A copied store without it reveals nobody.
/// </summary>
public sealed class KeyVault : IDisposable
{
    private const int KeySize = 32;
    private readonly AesGcm _wrapping;
    private readonly string _path;

    private KeyVault(string path)
    {
        var key = File.ReadAllBytes(path);
        if (key.Length != KeySize) throw new InvalidDataException($"{path} is not a key of {KeySize} bytes; restore it from a backup.");
        (_path, _wrapping) = (path, new AesGcm(key, AesGcm.TagByteSizes.MaxSize));
        Fingerprint = Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 6, info: "fingerprint"u8.ToArray()));
    }

    /// <summary>Tells keys apart and says nothing about them.</summary>
    public string Fingerprint { get; }

    /// <summary>Opens the service's key, and makes it at the first start.</summary>
    public static KeyVault Open(string dataFolder, string service)
    {
        var path = Path.Combine(PrivateFile.MakeFolder(Path.Combine(dataFolder, "keys")), service + ".key");
        if (!File.Exists(path))
        {
            // A new key would open none of them, and hide that the old one is lost.
            var stores = Path.Combine(dataFolder, service);
            if (Directory.Exists(stores) && Directory.EnumerateFiles(stores, "*.db").Any())
            {
                throw new InvalidDataException($"{path} is missing, and without it the stores in {stores} cannot be read. Restore it from a backup.");
            }

            PrivateFile.Write(path, RandomNumberGenerator.GetBytes(KeySize));
        }

        return new KeyVault(path);
    }

    /// <summary>A copy that was kept of a service's key.</summary>
    internal static KeyVault OpenCopy(string path) => new(path);

    /// <summary>Keeps a copy of the key; what stands there stays.</summary>
    internal void KeepCopy(string path)
    {
        if (!File.Exists(path)) PrivateFile.Write(path, File.ReadAllBytes(_path));
    }

    /// <summary>A new data key for a store, and how it stands in its file.</summary>
    public (StoreKeys Keys, byte[] Wrapped) Create(string storeName)
    {
        var key = RandomNumberGenerator.GetBytes(KeySize);
        return (new StoreKeys(key), Sealing.Seal(_wrapping, key, Encoding.UTF8.GetBytes(storeName)));
    }

    /// <summary>The data key of an existing store.</summary>
    public StoreKeys Unwrap(byte[] wrapped, string storeName) =>
        new(Sealing.Open(_wrapping, wrapped, Encoding.UTF8.GetBytes(storeName)));

    /// <summary>A store's data key that another key wrapped, wrapped by this one.</summary>
    internal byte[] Rewrap(byte[] wrapped, string storeName, KeyVault other)
    {
        var context = Encoding.UTF8.GetBytes(storeName);
        return Sealing.Seal(_wrapping, Sealing.Open(other._wrapping, wrapped, context), context);
    }

    /// <inheritdoc/>
    public void Dispose() => _wrapping.Dispose();
}

/// <summary>The keys of one open store, each for one purpose, derived from its data key.</summary>
public sealed class StoreKeys : IDisposable
{
    private readonly AesGcm _sealing;
    private readonly byte[] _requests;
    private readonly byte[] _dataKey;
    private readonly ConcurrentDictionary<string, byte[]> _purposes = new();

    internal StoreKeys(byte[] dataKey)
    {
        _sealing = new AesGcm(Derive(dataKey, "seal"), AesGcm.TagByteSizes.MaxSize);
        _requests = Derive(dataKey, "request");
        _dataKey = dataKey;
    }

    private static byte[] Derive(string purpose, byte[] key) => Derive(key, purpose);

    private static byte[] Derive(byte[] key, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>Keyed hash for a purpose: it finds something in this store and in no other, and leads to no hash of another purpose.</summary>
    /// <param name="purpose">A short name. Rows depend on it: it never changes.</param>
    /// <param name="data">What is hashed.</param>
    public byte[] Hash(string purpose, ReadOnlySpan<byte> data) => HMACSHA256.HashData(_purposes.GetOrAdd(purpose, Derive, _dataKey), data);

    /// <summary>Keyed hash of who calls, and with which body, which may hold a person.</summary>
    public byte[] HashOfCall(Caller caller, IMessage request) =>
        HMACSHA256.HashData(_requests, (byte[])[.. Encoding.UTF8.GetBytes(caller.Actor), 0, .. request.ToByteArray()]);

    /// <summary>What tells a call from all others in this store.</summary>
    internal CallKey KeyOf(Caller caller, Guid requestId, string method, IMessage request) =>
        new(requestId, HMACSHA256.HashData(_requests, Encoding.UTF8.GetBytes(caller.Actor)), method, HashOfCall(caller, request));

    /// <summary>Seals what only this store may read, bound to the row that it belongs to.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain, Guid row) => Sealing.Seal(_sealing, plain, row.Bytes());

    /// <summary>Opens what was sealed for that row.</summary>
    public byte[] Unseal(byte[] box, Guid row) => Sealing.Open(_sealing, box, row.Bytes());

    /// <inheritdoc/>
    public void Dispose() => _sealing.Dispose();
}

/// <summary>AES-GCM boxes: nonce, tag, ciphertext.</summary>
internal static class Sealing
{
    private static readonly int Nonce = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int Tag = AesGcm.TagByteSizes.MaxSize;

    public static byte[] Seal(AesGcm key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context)
    {
        var box = new byte[Nonce + Tag + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, Nonce));
        // One AesGcm is not safe to share between threads that encrypt.
        lock (key) key.Encrypt(box.AsSpan(0, Nonce), plain, box.AsSpan(Nonce + Tag), box.AsSpan(Nonce, Tag), context);
        return box;
    }

    public static byte[] Open(AesGcm key, byte[] box, ReadOnlySpan<byte> context)
    {
        var plain = new byte[box.Length - Nonce - Tag];
        lock (key) key.Decrypt(box.AsSpan(0, Nonce), box.AsSpan(Nonce + Tag), box.AsSpan(Nonce, Tag), plain, context);
        return plain;
    }
}

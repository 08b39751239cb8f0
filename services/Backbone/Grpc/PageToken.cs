using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// The token of a list's next page: the key to go on behind, and a digest over what the page was asked for: the list, every
/// field of the request but the two of paging, and the organisation that asked. With another filter, municipality, list or
/// organisation a token is refused, for it would skip rows and nobody would notice.
/// </summary>
/// <remarks>
/// The digest has no key of the service. A token gives no right: each page is checked and filtered for its caller like the
/// first. Whoever computes a token of their own gets rows that they may list anyway. Without a key a token holds after a
/// restart, after a restore and at every instance of a service.
/// </remarks>
public static class PageToken
{
    /// <summary>The field of every request for a page.</summary>
    public const string Field = "page_token";

    private const string SizeField = "page_size";
    private const string Foreign = "Is no token of this list with this filter.";
    private const int DigestBytes = 12;

    /// <summary>The token behind a row.</summary>
    /// <param name="request">What the page was asked for with.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="key">Key of the last row of the page.</param>
    public static string After(IMessage request, Caller caller, string key)
    {
        var keyBytes = Encoding.UTF8.GetBytes(key);
        var token = new byte[DigestBytes + keyBytes.Length];
        Digest(request, caller, keyBytes).AsSpan(0, DigestBytes).CopyTo(token);
        keyBytes.CopyTo(token.AsSpan(DigestBytes));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Notes a violation when the request has a token that was not given for it.</summary>
    internal static void Check(IMessage request, Caller caller, FieldChecks checks)
    {
        if (Of(request) is { Length: > 0 } token && KeyOf(token, request, caller) is null) checks.Require(false, Field, Foreign);
    }

    /// <summary>The key that the request's token stands behind; null when it has none.</summary>
    /// <exception cref="RefusalException">INVALID_FIELDS.</exception>
    internal static string? KeyOf(IMessage request, Caller caller) =>
        Of(request) is { Length: > 0 } token ? KeyOf(token, request, caller) ?? throw Refused() : null;

    /// <summary>The token is not one of this list with this filter.</summary>
    internal static RefusalException Refused() =>
        Refusal.Fields([new FieldViolation { Field = Field, Description = Foreign }]).ToException();

    private static string? KeyOf(string token, IMessage request, Caller caller)
    {
        if (!Base64Url.IsValid(token, out var length) || length < DigestBytes) return null;
        var key = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token).AsSpan(DigestBytes));
        // Written again and compared: some texts that differ are the same bytes in Base64, or the same text in UTF-8.
        return After(request, caller, key) == token ? key : null;
    }

    private static string? Of(IMessage request) => request.Descriptor.FindFieldByName(Field)?.Accessor.GetValue(request) as string;

    private static byte[] Digest(IMessage request, Caller caller, byte[] key)
    {
        var filter = request.Descriptor.Parser.ParseFrom(request.ToByteString());
        foreach (var name in new[] { Field, SizeField }) filter.Descriptor.FindFieldByName(name)?.Accessor.Clear(filter);

        // Each part with its length, so that no byte can move from one into the next.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (list, organisation) = (Encoding.UTF8.GetBytes(request.Descriptor.FullName), Encoding.UTF8.GetBytes(caller.Actor));
        foreach (var part in new[] { list, organisation, filter.ToByteArray(), key })
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(part);
        }

        return hash.GetHashAndReset();
    }
}

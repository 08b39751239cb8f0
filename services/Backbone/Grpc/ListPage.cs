using System.Globalization;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// One page of a list: where it begins, how many rows it has, and the token of the next. Every list reads <see cref="Limit"/>
/// rows behind <see cref="After{TKey}"/> and gives them to <see cref="Cut"/>.
/// </summary>
public sealed class ListPage
{
    private const int DefaultSize = 100;

    private readonly IMessage _request;
    private readonly Caller _caller;
    private readonly string? _after;

    /// <param name="request">With <c>page_size</c> and <c>page_token</c>.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="defaultSize">Rows when the request says nothing.</param>
    /// <exception cref="RefusalException">INVALID_FIELDS: the token was not given for this list, filter and caller.</exception>
    public ListPage(IMessage request, Caller caller, int defaultSize = DefaultSize)
    {
        (_request, _caller, _after) = (request, caller, PageToken.KeyOf(request, caller));
        var asked = (int)request.Descriptor.FindFieldByName("page_size").Accessor.GetValue(request);
        Limit = (asked == 0 ? defaultSize : asked) + 1;
    }

    /// <summary>Rows to read: one more than the page has, so that the end of the list is known.</summary>
    public int Limit { get; }

    /// <summary>The key behind which the page begins.</summary>
    /// <param name="first">That of the first page.</param>
    /// <exception cref="RefusalException">INVALID_FIELDS: another version of this list gave the token.</exception>
    public TKey After<TKey>(TKey first) where TKey : IParsable<TKey> =>
        _after is null ? first
        : TKey.TryParse(_after, CultureInfo.InvariantCulture, out var key) ? key
        : throw PageToken.Refused();

    /// <summary>The rows of the page, and the token of the next; empty at the end of the list.</summary>
    /// <param name="rows">As many as were found, up to <see cref="Limit"/>.</param>
    /// <param name="keyOf">The key of a row, as <see cref="After{TKey}"/> reads it.</param>
    public (IReadOnlyList<TRow> Rows, string NextToken) Cut<TRow>(IReadOnlyList<TRow> rows, Func<TRow, string> keyOf)
    {
        if (rows.Count < Limit) return (rows, "");
        var page = rows.Take(Limit - 1).ToList();
        return (page, PageToken.After(_request, _caller, keyOf(page[^1])));
    }
}

using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Cases by id, without persons.</summary>
static class ListCases
{
    private const int DefaultPageSize = 100;

    public static ListCasesResponse Run(ListCasesRequest request, ReadSession<MunicipalityStore> session)
    {
        var checks = new FieldChecks();
        var after = Guid.Empty;
        checks.Require(request.PageToken.Length == 0 || Guid.TryParseExact(request.PageToken, "D", out after), "page_token", "Is no token of this service.");
        checks.ThrowIfAny();

        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var cases = Page(session.Store, after, request.State, size);
        var offers = cases.Count == 0 ? [] : LatestOffers(session.Store, cases[0].CaseId, cases[^1].CaseId);

        var response = new ListCasesResponse { NextPageToken = cases.Count < size ? "" : cases[^1].CaseId.Text() };
        response.Cases.Add(cases.Select(found => found.ToMessage(found.OfferId is { } id ? offers[id] : null)));
        return response;
    }

    // By hand: EF Core does not compare Guids that are stored as bytes.
    private static List<SupportCase> Page(MunicipalityStore store, Guid after, CaseState state, int size) =>
        [.. store.Cases.FromSql($"""
            SELECT * FROM cases WHERE case_id > {after.Bytes()} AND ({(int)state} = 0 OR state = {(int)state})
            ORDER BY case_id LIMIT {size}
            """)];

    private static Dictionary<Guid, PlaceOffer> LatestOffers(MunicipalityStore store, Guid first, Guid last) =>
        store.Offers.FromSql($"""
            SELECT offers.* FROM cases JOIN offers ON offers.offer_id = cases.offer_id
            WHERE cases.case_id BETWEEN {first.Bytes()} AND {last.Bytes()}
            """).ToDictionary(offer => offer.OfferId);
}

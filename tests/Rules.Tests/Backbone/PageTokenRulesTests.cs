using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Rules.Tests.BackboneRules;

public sealed class PageTokenRulesTests
{
    private static readonly Caller Amsterdam = new(OrganisationKind.Municipality, "GM0363", new HashSet<string> { "GM0363" });

    private static ListCasesRequest Cases(string token = "", int size = 2) =>
        new() { Municipality = "GM0363", State = CaseState.Placed, PageSize = size, PageToken = token };

    private static string Key(ListCasesRequest request, Caller? caller = null) => new ListPage(request, caller ?? Amsterdam).After("none");

    private static void AssertRefused(Func<object> read)
    {
        var refused = Assert.Throws<RefusalException>(read).Refusal;
        Assert.Equal((ErrorReason.InvalidFields, "page_token"), (refused.Reason, refused.Violations.Single().Field));
    }

    [Fact]
    public void A_token_leads_behind_its_key_and_pages_may_change_their_size()
    {
        var token = PageToken.After(Cases(), Amsterdam, "een sleutel");

        Assert.Equal("een sleutel", Key(Cases(token)));
        Assert.Equal("een sleutel", Key(Cases(token, size: 500)));
        Assert.Equal("none", Key(Cases()));
    }

    /// <summary>Nothing of the process is in it: a token that was given out before an upgrade still holds.</summary>
    [Fact]
    public void A_token_is_the_same_in_every_process() =>
        Assert.Equal("EeKYrKjmuxaX5g8jZWVuIHNsZXV0ZWw", PageToken.After(Cases(), Amsterdam, "een sleutel"));

    [Fact]
    public void With_another_filter_municipality_list_or_organisation_it_is_refused()
    {
        var token = PageToken.After(Cases(), Amsterdam, "een sleutel");

        AssertRefused(() => Key(new ListCasesRequest(Cases(token)) { State = CaseState.Identified }));
        AssertRefused(() => Key(new ListCasesRequest(Cases(token)) { State = CaseState.Unspecified }));
        AssertRefused(() => Key(new ListCasesRequest(Cases(token)) { Municipality = "GM0344" }));
        AssertRefused(() => Key(Cases(token), new Caller(OrganisationKind.Municipality, "GM0344", Amsterdam.Tenants)));
        AssertRefused(() => Key(Cases(token), new Caller(OrganisationKind.SwCompany, "GM0363", Amsterdam.Tenants)));
        var elsewhere = new ListAdviceRequestsRequest { Municipality = "GM0363", PageToken = token };
        AssertRefused(() => new ListPage(elsewhere, Amsterdam).After(""));
    }

    [Fact]
    public void Altered_in_any_sign_shortened_or_lengthened_it_is_refused()
    {
        var token = PageToken.After(Cases(), Amsterdam, "een sleutel");
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var sign in "AQgw-_9".Where(sign => sign != token[i]))
            {
                AssertRefused(() => Key(Cases($"{token[..i]}{sign}{token[(i + 1)..]}")));
            }

            AssertRefused(() => Key(Cases(token[..i] is { Length: > 0 } shortened ? shortened : "x")));
        }

        foreach (var added in new[] { "A", "AA", "=", "==", "%" }) AssertRefused(() => Key(Cases(token + added)));
    }

    [Fact]
    public void A_key_that_the_list_cannot_read_is_refused()
    {
        var token = PageToken.After(Cases(), Amsterdam, "een sleutel");
        AssertRefused(() => new ListPage(Cases(token), Amsterdam).After(0L));
        AssertRefused(() => new ListPage(Cases(token), Amsterdam).After(Guid.Empty));
    }

    [Fact]
    public void The_last_page_has_no_next_also_when_it_is_full()
    {
        var page = new ListPage(Cases(), Amsterdam);
        Assert.Equal(3, page.Limit);

        Assert.Equal(("a b", ""), Cut("a", "b"));
        Assert.Equal(("", ""), Cut());
        Assert.Equal(("a b", PageToken.After(Cases(), Amsterdam, "b")), Cut("a", "b", "c"));

        (string, string) Cut(params string[] rows)
        {
            var (cut, next) = page.Cut(rows, row => row);
            return (string.Join(' ', cut), next);
        }
    }
}

#include "compiler/syntax/grammar.hpp"

#include "compiler/syntax/grammar_actions.hpp"
#include "compiler/syntax/grammar_directives.hpp"

namespace coil {

namespace grammar {

namespace {

// What keeps places exact: a sequence that fails gives back the white space it skipped, a token alone does
// not. So whatever is optional at the end of a rule is a sequence, or enclosed.

using Arguments = std::vector<ast::Argument>;
using Parameters = std::vector<ast::Parameter>;
using Sizes = std::vector<ast::ExpressionPtr>;

// clang-format off
struct NamedId {}; struct ArgumentId {}; struct ArgumentsId {}; struct SizesId {}; struct NameId {};
struct ParameterId {}; struct ParametersId {}; struct SumTermId {}; struct ProductTermId {};
struct CallPartsId {}; struct InputId {}; struct LayerId {}; struct OutputId {}; struct AssignId {};
struct NumberId {}; struct ReferenceId {}; struct CallId {};
struct PrimaryId {}; struct NegationId {}; struct UnaryId {};
struct ProductId {}; struct SumId {}; struct ExpressionId {};
struct StageId {}; struct TypeId {}; struct StatementId {};
struct HeaderId {};

const x3::rule<NameId, ast::Identifier>            name;
const x3::rule<NamedId, ast::Identifier>           named;
const x3::rule<NumberId, ast::Expression>          number;
const x3::rule<ReferenceId, ast::Expression>       reference;
const x3::rule<CallPartsId, ast::Call>             call_parts;
const x3::rule<CallId, ast::Expression>            call;
const x3::rule<ArgumentId, ast::Argument>          argument;
const x3::rule<ArgumentsId, Arguments>             arguments;
const x3::rule<PrimaryId, ast::Expression>         primary;
const x3::rule<NegationId, ast::Expression>        negation;
const x3::rule<UnaryId, ast::Expression>           unary;
const x3::rule<ProductTermId, ast::Term>           product_term;
const x3::rule<ProductId, ast::Expression>         product;
const x3::rule<SumTermId, ast::Term>               sum_term;
const x3::rule<SumId, ast::Expression>             sum;
const x3::rule<StageId, ast::Stage>                stage;
const x3::rule<ExpressionId, ast::Expression>      expression;
const x3::rule<SizesId, Sizes>                     sizes;
const x3::rule<TypeId, ast::ValueType>             type;
const x3::rule<InputId, ast::InputStatement>       input;
const x3::rule<LayerId, ast::LayerStatement>       layer;
const x3::rule<OutputId, ast::OutputStatement>     output;
const x3::rule<AssignId, ast::AssignStatement>     assign;
const x3::rule<StatementId, ast::Statement>        statement;
const x3::rule<ParameterId, ast::Parameter>        parameter;
const x3::rule<ParametersId, Parameters>           parameters;
const x3::rule<HeaderId, ast::Model>               model_header;

// Tokens.
const auto blank       = x3::char_(" \t\r\n") | ('#' >> *~x3::char_('\n'));
const auto letter      = x3::char_("a-zA-Z_");
const auto word_letter = x3::char_("a-zA-Z0-9_");
const auto digits      = +x3::char_("0-9");
const auto exponent    = x3::char_("eE") >> -x3::char_("+-") >> digits;

auto word(const char* text) { return x3::lexeme[x3::lit(text) >> !word_letter]; }

const auto name_def   = x3::raw[x3::lexeme[letter >> *word_letter]][set_name];
const auto number_def = placed(x3::raw[x3::lexeme[digits >> -('.' >> digits) >> -exponent]][set_number]);
const auto named_def  = name >> '=';

// Expressions, from the tightest binding to the loosest.
const auto argument_def =
    (named[set<&ast::Argument::name>] >> wanted(Wanted::expression, expression)[set_boxed<&ast::Argument::value>])
  | expression[set_boxed<&ast::Argument::value>];
const auto arguments_def =
    enclosed<'(', ')'>(-(argument[append] >> *(',' >> wanted(Wanted::expression, argument)[append])));

const auto reference_def = placed(name[set_reference]);
const auto call_parts_def = name[set<&ast::Call::callee>] >> arguments[set<&ast::Call::arguments>];
const auto call_def      = placed(call_parts[become_node]);
const auto primary_def   = number[become] | call[become] | reference[become]
                         | enclosed<'(', ')'>(wanted(Wanted::expression, expression)[become]);
const auto negation_def  = placed('-' >> wanted(Wanted::expression, unary)[set_negation]);
const auto unary_def     = negation[become] | primary[become];

const auto product_term_def =
    x3::raw[x3::char_("*/@")][set_operator] >> wanted(Wanted::expression, unary)[set_boxed<&ast::Term::operand>];
const auto product_def = placed(unary[become] >> *product_term[extend_chain]);
const auto sum_term_def =
    x3::raw[x3::char_("+-")][set_operator] >> wanted(Wanted::expression, product)[set_boxed<&ast::Term::operand>];
const auto sum_def = placed(product[become] >> *sum_term[extend_chain]);

const auto stage_def =
    placed(name[set<&ast::Stage::callee>] >> -arguments[set_stage_arguments]);
const auto expression_def =
    placed(sum[become] >> *("|>" >> wanted(Wanted::stage, stage)[extend_pipeline]));

// Types. `index` and `real` are no keywords: they mean something after ':' alone.
const auto sizes_def =
    wanted(Wanted::expression, expression)[append_boxed] >> *(',' >> wanted(Wanted::expression, expression)[append_boxed]);
const auto index_size = enclosed<'(', ')'>(wanted(Wanted::expression, expression)[set_index]);
const auto real_sizes = enclosed<'[', ']'>(sizes[set_real]);
const auto type_def =
    placed((word("index") >> wanted(Wanted::opening_parenthesis, index_size))
         | (word("real") >> wanted(Wanted::opening_bracket, real_sizes)));

// Statements.
const auto input_def =
    word("input") >> wanted(Wanted::name, name)[add_to<&ast::InputStatement::names>]
                  >> *(',' >> wanted(Wanted::name, name)[add_to<&ast::InputStatement::names>])
                  >> wanted(Wanted::colon, x3::lit(':'))
                  >> wanted(Wanted::type, type)[set<&ast::InputStatement::type>];
const auto layer_def =
    word("layer") >> wanted(Wanted::name, name)[set<&ast::LayerStatement::name>]
                  >> wanted(Wanted::equals, x3::lit('='))
                  >> wanted(Wanted::layer_maker, call)[set_maker];
const auto output_def =
    word("output") >> wanted(Wanted::expression, expression)[set_boxed<&ast::OutputStatement::value>];
const auto assign_def =
    named[set<&ast::AssignStatement::target>]
        >> wanted(Wanted::expression, expression)[set_boxed<&ast::AssignStatement::value>];
const auto statement_def =
    placed(input[become_node] | layer[become_node] | output[become_node] | assign[become_node]);

// Declarations: the driver reads a model's statements and its closing brace itself.
const auto parameter_def =
    named[set<&ast::Parameter::name>] >> wanted(Wanted::expression, expression)[set_boxed<&ast::Parameter::value>];
const auto parameters_def =
    enclosed<'(', ')'>(&x3::lit(')') | (wanted(Wanted::parameter, parameter)[append]
                                        >> *(',' >> wanted(Wanted::parameter, parameter)[append])));
const auto model_header_def =
    word("model") >> wanted(Wanted::name, name)[set<&ast::Model::name>]
                  >> -parameters[set<&ast::Model::parameters>]
                  >> wanted(Wanted::opening_brace, x3::lit('{'));
// clang-format on

BOOST_SPIRIT_DEFINE(name, named, number, reference, call_parts, call, argument, arguments, primary,
                    negation, unary, product_term, product, sum_term, sum, stage, expression)
BOOST_SPIRIT_DEFINE(sizes, type, input, layer, output, assign, statement, parameter, parameters,
                    model_header)

template <typename Rule, typename Node>
bool parse_one(const Rule& rule, Cursor& cursor, Node& node) {
  Text text{cursor.text};
  Iterator at = cursor.text.begin() + cursor.at;
  const auto placed_rule = x3::with<Text>(text)[rule];
  if (!x3::phrase_parse(at, cursor.text.end(), placed_rule, blank, node,
                        x3::skip_flag::dont_post_skip)) {
    return false;
  }
  cursor.at = text.offset(at);
  return true;
}

}  // namespace

}  // namespace grammar

bool parse_model_header(Cursor& cursor, ast::Model& model) {
  return grammar::parse_one(grammar::model_header, cursor, model);
}

bool parse_statement(Cursor& cursor, ast::Statement& statement) {
  return grammar::parse_one(grammar::statement, cursor, statement);
}

}  // namespace coil

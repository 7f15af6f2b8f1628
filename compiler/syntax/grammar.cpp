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
using Subscripts = std::vector<ast::Subscript>;
using Targets = std::vector<ast::Target>;

// clang-format off
struct NamedId {}; struct ArgumentId {}; struct ArgumentsId {}; struct SizesId {}; struct NameId {};
struct ParameterId {}; struct ParametersId {}; struct SumTermId {}; struct ProductTermId {};
struct CallPartsId {}; struct NumberId {}; struct ReferenceId {}; struct CallId {};
struct SubscriptId {}; struct SubscriptsId {}; struct IndexedId {}; struct PrimaryId {};
struct NegationId {}; struct UnaryId {}; struct ProductId {}; struct SumId {}; struct ExpressionId {};
struct StageId {}; struct TypeId {}; struct StatementId {};
struct InputNameId {}; struct InputId {}; struct LayerId {}; struct WeightId {}; struct StateId {};
struct TargetId {}; struct TargetsId {}; struct AssignId {}; struct OutputId {}; struct YieldId {};
struct ForId {}; struct IfId {};
struct ModelId {}; struct CellParameterId {}; struct CellParametersId {}; struct CellId {};
struct StepId {}; struct ImportId {};

const x3::rule<NameId, ast::Identifier>            name;
const x3::rule<NamedId, ast::Identifier>           named;
const x3::rule<NumberId, ast::Expression>          number;
const x3::rule<ReferenceId, ast::Expression>       reference;
const x3::rule<CallPartsId, ast::Call>             call_parts;
const x3::rule<CallId, ast::Expression>            call;
const x3::rule<ArgumentId, ast::Argument>          argument;
const x3::rule<ArgumentsId, Arguments>             arguments;
const x3::rule<SubscriptId, ast::Subscript>        subscript;
const x3::rule<SubscriptsId, Subscripts>           subscripts;
const x3::rule<IndexedId, ast::Expression>         indexed;
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
const x3::rule<InputNameId, ast::InputName>        input_name;
const x3::rule<InputId, ast::InputStatement>       input;
const x3::rule<LayerId, ast::LayerStatement>       layer;
const x3::rule<WeightId, ast::WeightStatement>     weight;
const x3::rule<StateId, ast::StateStatement>       state;
const x3::rule<TargetId, ast::Target>              target;
const x3::rule<TargetsId, Targets>                 targets;
const x3::rule<AssignId, ast::AssignStatement>     assign;
const x3::rule<OutputId, ast::OutputStatement>     output;
const x3::rule<YieldId, ast::YieldStatement>       yield_value;
const x3::rule<ForId, ast::ForStatement>           for_header;
const x3::rule<IfId, ast::IfStatement>             if_header;
const x3::rule<StatementId, ast::Statement>        statement;
const x3::rule<ParameterId, ast::Parameter>        parameter;
const x3::rule<ParametersId, Parameters>           parameters;
const x3::rule<ModelId, ast::Model>                model_header;
const x3::rule<CellParameterId, ast::Parameter>    cell_parameter;
const x3::rule<CellParametersId, Parameters>       cell_parameters;
const x3::rule<CellId, ast::Cell>                  cell_header;
const x3::rule<StepId, ast::Step>                  step_header;
const x3::rule<ImportId, ast::Import>              import;

// Tokens.
const auto blank       = x3::char_(" \t\r\n") | ('#' >> *~x3::char_('\n'));
const auto letter      = x3::char_("a-zA-Z_");
const auto word_letter = x3::char_("a-zA-Z0-9_");
const auto digits      = +x3::char_("0-9");
const auto exponent    = x3::char_("eE") >> -x3::char_("+-") >> digits;

auto word(const char* text) { return x3::lexeme[x3::lit(text) >> !word_letter]; }

const auto name_def   = x3::raw[x3::lexeme[letter >> *word_letter]][set_name];
const auto number_def = placed(x3::raw[x3::lexeme[digits >> -('.' >> digits) >> -exponent]][set_number]);
const auto equals     = x3::lexeme['=' >> !x3::lit('=')];
const auto named_def  = name >> equals;

// Expressions, from the tightest binding to the loosest.
const auto argument_def =
    (named[set<&ast::Argument::name>] >> wanted(Wanted::expression, expression)[set_boxed<&ast::Argument::value>])
  | expression[set_boxed<&ast::Argument::value>];
const auto arguments_def =
    enclosed<'(', ')'>(-(argument[append] >> *(',' >> wanted(Wanted::expression, argument)[append])));

const auto reference_def = placed(name[set_reference]);
const auto call_parts_def = name[set<&ast::Call::callee>] >> arguments[set<&ast::Call::arguments>];
const auto call_def      = placed(call_parts[become_node]);

// A second bracket behind the first would nest without a bound.
const auto subscript_def =
    placed((expression[set_boxed<&ast::Subscript::begin>]
            >> -(x3::lit(':')[set_range] >> -expression[set_boxed<&ast::Subscript::end>]))
         | (x3::lit(':')[set_range] >> -expression[set_boxed<&ast::Subscript::end>]));
const auto subscripts_def =
    enclosed<'[', ']'>(wanted(Wanted::subscript, subscript)[append]
                       >> *(',' >> wanted(Wanted::subscript, subscript)[append]))
        >> wanted(Wanted::one_subscript_list, !x3::lit('['));
const auto indexable     = call[become] | reference[become]
                         | enclosed<'(', ')'>(wanted(Wanted::expression, expression)[become]);
const auto indexed_def   = placed(indexable >> -subscripts[set_subscripts]);

const auto primary_def   = number[become] | indexed[become];
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
const auto one_size = enclosed<'[', ']'>(wanted(Wanted::expression, expression)[set_boxed<&ast::InputName::steps>]);
const auto input_name_def = name[set<&ast::InputName::name>] >> -one_size;
const auto input_def =
    word("input") >> wanted(Wanted::name, input_name)[add_to<&ast::InputStatement::names>]
                  >> *(',' >> wanted(Wanted::name, input_name)[add_to<&ast::InputStatement::names>])
                  >> wanted(Wanted::colon_after_names, x3::lit(':'))
                  >> wanted(Wanted::type, type)[set<&ast::InputStatement::type>];
const auto layer_def =
    word("layer") >> wanted(Wanted::name, name)[set<&ast::LayerStatement::name>]
                  >> wanted(Wanted::equals, x3::lit('='))
                  >> wanted(Wanted::layer_maker, call)[set_maker];
const auto weight_def =
    word("weight") >> wanted(Wanted::name, name)[set<&ast::WeightStatement::name>]
                   >> wanted(Wanted::colon, x3::lit(':'))
                   >> wanted(Wanted::type, type)[set<&ast::WeightStatement::type>]
                   >> wanted(Wanted::equals_initializer, x3::lit('='))
                   >> wanted(Wanted::initializer, call[set_initializer] | reference[set_initializer]);
const auto state_def =
    word("state") >> wanted(Wanted::name, name)[add_to<&ast::StateStatement::names>]
                  >> *(',' >> wanted(Wanted::name, name)[add_to<&ast::StateStatement::names>])
                  >> wanted(Wanted::colon_after_names, x3::lit(':'))
                  >> wanted(Wanted::type, type)[set<&ast::StateStatement::type>];

// `name =` is an assignment. `name[` and `name,` at the start of a statement must become one.
const auto target_index =
    enclosed<'[', ']'>(wanted(Wanted::expression, expression)[set_boxed<&ast::Target::index>]);
const auto target_def = name[set<&ast::Target::name>] >> -target_index;
const auto targets_def =
    &(name >> (x3::lit('[') | ',')) >> target[append] >> *(',' >> wanted(Wanted::name, target)[append]);
const auto assign_def =
    (named[set_target] | (targets[set<&ast::AssignStatement::targets>] >> wanted(Wanted::equals, equals)))
        >> wanted(Wanted::expression, expression)[set_boxed<&ast::AssignStatement::value>];

const auto output_def =
    word("output") >> wanted(Wanted::expression, expression)[set_boxed<&ast::OutputStatement::value>];
const auto yield_value_def =
    word("yield") >> wanted(Wanted::expression, expression)[set_boxed<&ast::YieldStatement::value>];

// The driver reads the bodies of these.
const auto for_header_def =
    word("for") >> wanted(Wanted::name, name)[set<&ast::ForStatement::variable>]
                >> wanted(Wanted::loop_in, word("in"))
                >> wanted(Wanted::expression, sum)[set_boxed<&ast::ForStatement::begin>]
                >> wanted(Wanted::loop_range, x3::lit(".."))
                >> wanted(Wanted::expression, sum)[set_boxed<&ast::ForStatement::end>]
                >> wanted(Wanted::loop_body, x3::lit('{'));
const auto if_header_def =
    word("if") >> wanted(Wanted::parameter_name, name)[set<&ast::IfStatement::parameter>]
               >> ((x3::lit("==") >> wanted(Wanted::name, name)[set<&ast::IfStatement::value>]
                                  >> wanted(Wanted::chosen_body, x3::lit('{')))
                 | wanted(Wanted::branch_body, x3::lit('{')));

const auto statement_def =
    placed(input[become_node] | layer[become_node] | weight[become_node] | state[become_node]
         | output[become_node] | yield_value[become_node] | for_header[become_node] | if_header[become_node]
         | assign[become_node]);

// Declarations: the driver reads the statements of a body and its closing brace itself.
const auto parameter_def =
    named[set<&ast::Parameter::name>] >> wanted(Wanted::expression, expression)[set_boxed<&ast::Parameter::value>];
const auto parameters_def =
    enclosed<'(', ')'>(&x3::lit(')') | (wanted(Wanted::parameter, parameter)[append]
                                        >> *(',' >> wanted(Wanted::parameter, parameter)[append])));
const auto model_header_def =
    word("model") >> wanted(Wanted::name, name)[set<&ast::Model::name>]
                  >> -parameters[set<&ast::Model::parameters>]
                  >> wanted(Wanted::model_body, x3::lit('{'));

const auto cell_parameter_def = parameter[become] | name[set<&ast::Parameter::name>];
const auto cell_parameters_def =
    enclosed<'(', ')'>(&x3::lit(')') | (wanted(Wanted::cell_parameter, cell_parameter)[append]
                                        >> *(',' >> wanted(Wanted::cell_parameter, cell_parameter)[append])));
const auto cell_header_def =
    word("cell") >> wanted(Wanted::name, name)[set<&ast::Cell::name>]
                 >> -cell_parameters[set<&ast::Cell::parameters>]
                 >> wanted(Wanted::cell_body, x3::lit('{'));
const auto step_parameters =
    enclosed<'(', ')'>(wanted(Wanted::name, name)[add_to<&ast::Step::parameters>]
                       >> *(',' >> wanted(Wanted::name, name)[add_to<&ast::Step::parameters>]));
const auto step_header_def =
    word("step") >> wanted(Wanted::opening_parenthesis, step_parameters)
                 >> wanted(Wanted::step_body, x3::lit('{'));

// A '#' starts a comment inside quotes too.
const auto path_text = x3::raw[x3::lexeme['"' >> +~x3::char_("\"#\n") >> wanted(Wanted::closing_quote, x3::lit('"'))]];
const auto import_def =
    placed(word("import") >> wanted(Wanted::name, name)[add_to<&ast::Import::names>]
                          >> *(',' >> wanted(Wanted::name, name)[add_to<&ast::Import::names>])
                          >> wanted(Wanted::from, word("from"))
                          >> wanted(Wanted::path, path_text)[set_path]);
// clang-format on

BOOST_SPIRIT_DEFINE(name, named, number, reference, call_parts, call, argument, arguments,
                    subscript, subscripts, indexed, primary, negation, unary, product_term, product,
                    sum_term, sum, stage, expression, sizes, type)
BOOST_SPIRIT_DEFINE(input_name, input, layer, weight, state, target, targets, assign, output,
                    yield_value, for_header, if_header, statement)
BOOST_SPIRIT_DEFINE(parameter, parameters, model_header, cell_parameter, cell_parameters,
                    cell_header, step_header, import)

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

bool parse_import(Cursor& cursor, ast::Import& import) {
  return grammar::parse_one(grammar::import, cursor, import);
}

bool parse_model_header(Cursor& cursor, ast::Model& model) {
  return grammar::parse_one(grammar::model_header, cursor, model);
}

bool parse_cell_header(Cursor& cursor, ast::Cell& cell) {
  return grammar::parse_one(grammar::cell_header, cursor, cell);
}

bool parse_step_header(Cursor& cursor, ast::Step& step) {
  return grammar::parse_one(grammar::step_header, cursor, step);
}

bool parse_statement(Cursor& cursor, ast::Statement& statement) {
  return grammar::parse_one(grammar::statement, cursor, statement);
}

}  // namespace coil
